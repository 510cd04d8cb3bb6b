import type { Tree } from '../syntax/tree.ts';

// hadolint's README, "Inline ignores" and "Global ignores".
const names = String.raw`[DLSC0-9]+[ \t]*(?:#[^\n]*)?`;
const pragma = new RegExp(
  String.raw`^[ \t]*hadolint[ \t]+(?:(global|stage)[ \t]+)?ignore[ \t]*=[ \t]*(${names}(?:,[ \t]*${names})*)$`,
);

/** Where a pragma counts: at the next line, from there to the end of the stage, or in the whole file. */
export type PragmaScope = 'line' | 'stage' | 'global';

export interface IgnorePragma {
  readonly scope: PragmaScope;
  readonly names: readonly string[];
}

/**
 * What the text of a comment, without its `#`, tells hadolint to ignore: `hadolint ignore=DL3008,SC2086`. Undefined
 * for other comments and, as hadolint has it, where a name is none.
 */
export function readPragma(comment: string): IgnorePragma | undefined {
  const match = pragma.exec(comment);
  if (!match) return undefined;
  const list = (match[2] ?? '').replace(/#.*$/, '').split(',');
  const scope = match[1] === 'global' || match[1] === 'stage' ? match[1] : 'line';
  return { scope, names: list.map(name => name.trim()).filter(name => name !== '') };
}

/** The pragma of the next line only. */
export function readIgnorePragma(comment: string): IgnorePragma | undefined {
  const read = comment.includes('hadolint') ? readPragma(comment) : undefined;
  return read?.scope === 'line' ? read : undefined;
}

/** Which rules the comments of a file silence where. */
export class HadolintPragmas {
  readonly #global = new Set<string>();
  readonly #lines = new Map<number, readonly string[]>();
  /** What is silenced behind a line, up to the next of these lines. */
  readonly #stages: { readonly line: number; readonly names: readonly string[] }[] = [];

  /** The pragmas of a file; undefined when it has none. */
  static read({ elements, text }: Tree): HadolintPragmas | undefined {
    return /hadolint[^\n]*ignore/.test(text) ? new HadolintPragmas({ elements, text }) : undefined;
  }

  private constructor({ elements, text }: Pick<Tree, 'elements' | 'text'>) {
    let stage = -1;
    for (const element of elements) {
      if (element.kind === 'comment') {
        const read = readPragma(text.slice(element.start + 1, element.end));
        if (read) this.#add(read, element.line + 1);
        if (read?.scope === 'stage') stage = element.line + 1;
      } else if (element.kind === 'instruction' && element.name === 'FROM' && element.line !== stage) {
        this.#stages.push({ line: element.line, names: [] });
      }
    }
  }

  /** True for a finding that goes by these names at an instruction whose first line is `line`, from 0. */
  silences(names: readonly string[], line: number): boolean {
    const isNamed = (silenced: readonly string[] | undefined) => silenced?.some(name => names.includes(name));
    if (names.some(name => this.#global.has(name)) || isNamed(this.#lines.get(line))) return true;
    return isNamed(this.#stages.findLast(stage => stage.line < line)?.names) ?? false;
  }

  #add({ scope, names: silenced }: IgnorePragma, line: number): void {
    if (scope === 'line') this.#lines.set(line, silenced);
    else if (scope === 'stage') this.#stages.push({ line, names: silenced });
    else for (const name of silenced) this.#global.add(name);
  }
}
