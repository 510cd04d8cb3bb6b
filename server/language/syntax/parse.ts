import { detach, skipSpace, trimSpace } from './characters.ts';
import { DirectiveReader } from './directive.ts';
import { endsHeredoc, findHeredocs, type HeredocMarker } from './heredoc.ts';
import { type ParsedLine, readInstruction } from './instruction.ts';
import { findContinuation, findLineStarts, LogicalLine } from './line.ts';
import { NodeKey } from './nodeMemo.ts';
import { Reuse } from './reuse.ts';
import type { Element, EscapeToken, Heredoc, InstructionNode, Problem, Span, Tree } from './tree.ts';

/**
 * Reads a Dockerfile's text into a tree, in one pass. It never fails: what is wrong is in `problems`, and the
 * tree goes on behind it. A first byte order mark is skipped. Of `previous`, the tree of the text before a change,
 * what the change does not touch is taken over: the elements before it are the same objects.
 */
export function parseTree(text: string, previous?: Tree): Tree {
  return new TreeReader(text, previous).read();
}

const heredocInstructions: ReadonlySet<string | undefined> = new Set(['ADD', 'COPY', 'RUN']);

class TreeReader {
  readonly #text: string;
  readonly #lineStarts: readonly number[];
  readonly #lineCount: number;
  readonly #directives: DirectiveReader;
  readonly #reuse: Reuse | undefined;
  #elements: Element[] = [];
  #problems: Problem[] = [];
  #escapeToken: EscapeToken = '\\';
  #comments: string[] = [];
  #line = 0;

  constructor(text: string, previous: Tree | undefined) {
    this.#text = text;
    this.#reuse = previous && new Reuse(previous, text);
    this.#lineStarts = this.#reuse?.lineStarts ?? findLineStarts(text);
    const endsWithLineEnd = this.#lineStarts.at(-1) === text.length;
    this.#lineCount = this.#lineStarts.length - (endsWithLineEnd ? 1 : 0);
    this.#directives = new DirectiveReader(text, problem => this.#problems.push(problem));
    if (this.#reuse && this.#reuse.elements.length > 0) this.#startBehind(this.#reuse);
  }

  read(): Tree {
    while (this.#line < this.#lineCount && !this.#takeRest()) this.#readElement();
    if (this.#line < this.#lineStarts.length) {
      const end = this.#text.length;
      this.#elements.push({ kind: 'blank', start: end, end, line: this.#line, endLine: this.#line });
    }
    if (!this.#elements.some(element => element.kind === 'instruction')) {
      const end = this.#text.length;
      const message = 'file with no instructions';
      this.#problems.push({ phase: 'parse', code: 'no-instructions', message, start: end, end });
    }
    return {
      text: this.#text,
      lineStarts: this.#lineStarts,
      escapeToken: this.#escapeToken,
      elements: this.#elements,
      problems: this.#problems,
    };
  }

  #startBehind({ elements, problems, escapeToken }: Reuse): void {
    this.#elements = [...elements];
    this.#problems = [...problems];
    this.#line = (elements.at(-1)?.endLine ?? -1) + 1;
    this.#escapeToken = escapeToken;
    this.#directives.end();
  }

  /** True when all that is left to read was read before. */
  #takeRest(): boolean {
    const reuse = this.#reuse;
    if (this.#elements.at(-1)?.kind !== 'instruction' || reuse?.escapeToken !== this.#escapeToken)
      return false;
    const rest = reuse.rest(this.#line, this.#lineStarts[this.#line] ?? this.#text.length);
    if (!rest) return false;
    this.#elements = this.#elements.concat(rest.elements);
    this.#problems = this.#problems.concat(rest.problems);
    this.#line = this.#lineStarts.length;
    return true;
  }

  #readElement(): void {
    const line = this.#line;
    const raw = this.#content(line);
    const span = { start: skipSpace(this.#text, raw.start, raw.end), end: raw.end };
    const directive = this.#directives.read(span);
    if (directive) {
      this.#line++;
      if (directive.name.text === 'escape') this.#setEscape(directive.value);
      this.#elements.push({ kind: 'directive', ...directive, ...span, line, endLine: line });
    } else if (this.#text[span.start] === '#' && span.start < span.end) {
      this.#line++;
      this.#addComment(this.#text.slice(raw.start + 1, raw.end));
      this.#elements.push({ kind: 'comment', ...span, line, endLine: line });
    } else if (span.start === span.end) {
      this.#line++;
      this.#elements.push({ kind: 'blank', ...span, line, endLine: line });
    } else {
      this.#readInstruction(span);
    }
  }

  // BuildKit cuts the line's first character, whatever it is: an indented comment keeps its `#`.
  #addComment(text: string): void {
    const comment = detach(trimSpace(text));
    if (comment === '') this.#comments = [];
    else this.#comments.push(comment);
  }

  #setEscape(value: { text: string; start: number; end: number }): void {
    if (value.text === '\\' || value.text === '`') {
      this.#escapeToken = value.text;
      return;
    }
    const message = `invalid escape token '${value.text}' does not match \` or \\`;
    const { start, end } = value;
    this.#problems.push({ phase: 'parse', code: 'invalid-escape', message, start, end });
  }

  #readInstruction(first: Span): void {
    const line = this.#line;
    const logical = new LogicalLine();
    const inner = this.#joinLines(logical, first);
    const parsed = readInstruction(logical, {
      escapeToken: this.#escapeToken,
      report: problem => this.#problems.push({ phase: 'parse', ...problem }),
    });
    const heredocs = canHaveHeredocs(parsed) ? this.#readHeredocs(logical) : [];
    const last = this.#content(this.#line - 1);
    this.#elements.push({
      ...parsed,
      end: Math.max(parsed.end, heredocs.length > 0 ? last.end : 0),
      heredocs,
      comments: this.#comments,
      ...inner,
      line,
      endLine: this.#line - 1,
      key: new NodeKey(),
    });
    this.#comments = [];
  }

  #joinLines(logical: LogicalLine, first: Span): Pick<InstructionNode, 'innerComments' | 'emptyLines'> {
    const innerComments: Span[] = [];
    const emptyLines: number[] = [];
    let goesOn = this.#appendLine(logical, first);
    while (goesOn && this.#line < this.#lineCount) {
      const span = this.#content(this.#line);
      const start = skipSpace(this.#text, span.start, span.end);
      if (start < span.end && this.#text[start] !== '#') {
        goesOn = this.#appendLine(logical, span);
        continue;
      }
      if (start === span.end) emptyLines.push(this.#line);
      else innerComments.push({ start, end: span.end });
      this.#line++;
    }
    return { innerComments, emptyLines };
  }

  /** True when the line is continued. */
  #appendLine(logical: LogicalLine, span: Span): boolean {
    const continuation = findContinuation(this.#text, span, this.#escapeToken);
    const end = continuation < 0 ? span.end : continuation;
    logical.append(detach(this.#text.slice(span.start, end)), span.start);
    this.#line++;
    return continuation >= 0;
  }

  #readHeredocs(logical: LogicalLine): Heredoc[] {
    if (!logical.text.includes('<<')) return [];
    return findHeredocs(logical).map(marker => this.#readBody(marker));
  }

  #readBody(marker: HeredocMarker): Heredoc {
    const first = this.#line;
    const start = this.#lineStarts[first] ?? this.#text.length;
    while (this.#line < this.#lineCount) {
      const span = this.#content(this.#line);
      const bodyEnd = this.#lineStarts[this.#line] ?? start;
      this.#line++;
      if (!endsHeredoc(this.#text, span, marker)) continue;
      const body = { start, end: bodyEnd };
      return { ...marker, content: detach(this.#text.slice(start, bodyEnd)), body, terminator: span };
    }
    const message = `unterminated heredoc: no line has just ${marker.name}`;
    this.#problems.push({ phase: 'parse', code: 'unterminated-heredoc', message, ...marker.marker });
    const body = { start, end: this.#text.length };
    return { ...marker, content: detach(this.#text.slice(start)), body, terminator: undefined };
  }

  /** The line without its line end. */
  #content(line: number): Span {
    let start = this.#lineStarts[line] ?? this.#text.length;
    let end = this.#lineStarts[line + 1] ?? this.#text.length;
    while (end > start && (this.#text[end - 1] === '\n' || this.#text[end - 1] === '\r')) end--;
    if (line === 0 && this.#text.startsWith('\uFEFF')) start = Math.min(1, end);
    return { start, end };
  }
}

function canHaveHeredocs(parsed: ParsedLine): boolean {
  const instruction = parsed.name === 'ONBUILD' ? parsed.trigger : parsed;
  return instruction !== undefined && heredocInstructions.has(instruction.name) && !instruction.json;
}
