import type { ScriptSpan } from '../shell/script.ts';
import { findLineStarts } from '../syntax/line.ts';
import type { ShellcheckInput } from './input.ts';

/** What ShellCheck says about a script, by offsets into it. */
export interface ShellComment extends ScriptSpan {
  /** Such as `SC2086`. */
  readonly code: string;
  readonly level: 'error' | 'warning' | 'info' | 'style';
  readonly message: string;
  /** Replacements that do away with it, by place, of which none is within another; empty without. */
  readonly replacements: readonly ShellReplacement[];
}

export interface ShellReplacement extends ScriptSpan {
  readonly text: string;
}

/** ShellCheck's `--format=json1`. Lines and columns are from 1; columns count code points. */
interface Output {
  readonly comments: readonly (Place & {
    readonly code: number;
    readonly level: ShellComment['level'];
    readonly message: string;
    readonly fix: {
      readonly replacements: readonly (Place & {
        readonly precedence: number;
        readonly replacement: string;
      })[];
    } | null;
  })[];
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * Reads what ShellCheck printed about an input. Comments about what is not the script's are left out.
 * Throws SyntaxError or TypeError when it is no such output.
 */
export function readShellcheckOutput(
  printed: string,
  input: Pick<ShellcheckInput, 'text' | 'header'>,
): ShellComment[] {
  const { comments } = JSON.parse(printed) as Output;
  const places = new Places(input);
  return comments.flatMap(({ code, level, message, fix, ...place }) => {
    const span = places.span(place);
    if (!span) return [];
    const replacements = fix ? readReplacements(fix.replacements, places) : [];
    return [{ code: `SC${code}`, level, message, ...span, replacements }];
  });
}

function readReplacements(
  written: readonly (Place & { readonly precedence: number; readonly replacement: string })[],
  places: Places,
): ShellReplacement[] {
  const read = written.map(one => ({ ...one, span: places.span(one) }));
  read.sort(
    (left, right) => (left.span?.pos ?? 0) - (right.span?.pos ?? 0) || left.precedence - right.precedence,
  );
  // One of them alone would do something else.
  if (read.some(({ span }) => span === undefined)) return [];
  return read.flatMap(({ span, replacement }) => (span ? [{ ...span, text: replacement }] : []));
}

class Places {
  readonly #text: string;
  readonly #header: ShellcheckInput['header'];
  readonly #lineStarts: readonly number[];

  constructor({ text, header }: Pick<ShellcheckInput, 'text' | 'header'>) {
    this.#text = text;
    this.#header = header;
    this.#lineStarts = findLineStarts(text);
  }

  /** Undefined when it is, in part, not in the script. */
  span({ line, column, endLine, endColumn }: Place): ScriptSpan | undefined {
    const pos = this.#offset(line, column);
    const end = this.#offset(endLine, endColumn);
    return pos === undefined || end === undefined ? undefined : { pos, end: Math.max(pos, end) };
  }

  #offset(line: number, column: number): number | undefined {
    const start = this.#lineStarts[line - 1];
    if (start === undefined) return undefined;
    const end = this.#lineStarts[line] ?? this.#text.length;
    let at = start;
    for (let left = column - 1; left > 0 && at < end; left--) {
      at += (this.#text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
    const { start: headerStart, length } = this.#header;
    if (at < headerStart) return at;
    return at < headerStart + length ? undefined : at - length;
  }
}
