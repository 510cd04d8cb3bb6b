import { detach, skipSpace, trimSpace } from './characters.ts';
import { DirectiveReader } from './directive.ts';
import { endsHeredoc, findHeredocs, type HeredocMarker } from './heredoc.ts';
import { type ParsedLine, readInstruction } from './instruction.ts';
import { findContinuation, findLineStarts, LogicalLine } from './line.ts';
import { Anchor, Place, type Word } from './place.ts';
import { PlacedProblem } from './problem.ts';
import { Reuse } from './reuse.ts';
import {
  BlankElement,
  CommentElement,
  type Element,
  type EscapeToken,
  type Heredoc,
  InstructionNode,
  type InstructionParts,
  type Problem,
  type Span,
  type Tree,
} from './tree.ts';

/**
 * Reads a Dockerfile's text into a tree, in one pass. It never fails: what is wrong is in `problems`, and the
 * tree goes on behind it. A first byte order mark is skipped. Of `previous`, the tree of the text before a change,
 * what the change does not touch is the same objects, in their new places: so that tree is used up, nothing more can be
 * learned from it, and a second time it is passed over.
 */
export function parseTree(text: string, previous?: Tree): Tree {
  if (!previous || usedUp.has(previous)) return new TreeReader(text, undefined).read();
  usedUp.add(previous);
  return new TreeReader(text, new Reuse(previous, text)).read();
}

const usedUp = new WeakSet<Tree>();

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

  constructor(text: string, reuse: Reuse | undefined) {
    this.#text = text;
    this.#reuse = reuse;
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
      this.#elements.push(new BlankElement(new Anchor(end, this.#line), { start: end, end }));
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
    this.#elements = elements.slice();
    this.#problems = problems.slice();
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
    for (const { anchor } of rest.elements) anchor.move(rest.by);
    this.#line = this.#lineStarts.length;
    return true;
  }

  #readElement(): void {
    const line = this.#line;
    const raw = this.#content(line);
    const span = { start: skipSpace(this.#text, raw.start, raw.end), end: raw.end };
    const directive = this.#directives.read(span, line);
    if (directive) {
      this.#line++;
      if (directive.name.text === 'escape') this.#setEscape(directive.value);
      this.#elements.push(directive);
    } else if (this.#text[span.start] === '#' && span.start < span.end) {
      this.#line++;
      this.#addComment(this.#text.slice(raw.start + 1, raw.end));
      this.#elements.push(new CommentElement(new Anchor(span.start, line), span));
    } else if (span.start === span.end) {
      this.#line++;
      this.#elements.push(new BlankElement(new Anchor(span.start, line), span));
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

  #setEscape(value: Word): void {
    if (value.text === '\\' || value.text === '`') {
      this.#escapeToken = value.text;
      return;
    }
    const message = `invalid escape token '${value.text}' does not match \` or \\`;
    this.#report(value, 'invalid-escape', message);
  }

  #readInstruction(first: Span): void {
    const line = this.#line;
    const anchor = new Anchor(first.start, line);
    const logical = new LogicalLine(anchor);
    const inner = this.#joinLines(logical, first);
    const parsed = readInstruction(logical, {
      escapeToken: this.#escapeToken,
      report: problem => this.#problems.push(new PlacedProblem(anchor, { phase: 'parse', ...problem })),
    });
    const heredocs = canHaveHeredocs(parsed) ? this.#readHeredocs(logical) : [];
    const last = this.#content(this.#line - 1);
    const node = new InstructionNode(anchor, {
      ...parsed,
      end: Math.max(parsed.end, heredocs.length > 0 ? last.end : 0),
      heredocs,
      comments: this.#comments,
      ...inner,
      lines: this.#line - line,
    });
    this.#elements.push(node);
    this.#comments = [];
  }

  #joinLines(logical: LogicalLine, first: Span): Pick<InstructionParts, 'innerComments' | 'emptyLines'> {
    const innerComments: Place[] = [];
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
      else innerComments.push(new Place(logical.anchor, { start, end: span.end }));
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
    const { anchor } = marker.marker;
    const start = this.#lineStarts[this.#line] ?? this.#text.length;
    while (this.#line < this.#lineCount) {
      const span = this.#content(this.#line);
      const bodyEnd = this.#lineStarts[this.#line] ?? start;
      this.#line++;
      if (!endsHeredoc(this.#text, span, marker)) continue;
      const body = new Place(anchor, { start, end: bodyEnd });
      const terminator = new Place(anchor, span);
      return { ...marker, content: detach(this.#text.slice(start, bodyEnd)), body, terminator };
    }
    const message = `unterminated heredoc: no line has just ${marker.name}`;
    this.#report(marker.marker, 'unterminated-heredoc', message);
    const body = new Place(anchor, { start, end: this.#text.length });
    return { ...marker, content: detach(this.#text.slice(start)), body, terminator: undefined };
  }

  #report(place: Place, code: string, message: string): void {
    const { anchor, start, end } = place;
    this.#problems.push(new PlacedProblem(anchor, { phase: 'parse', code, message, start, end }));
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
