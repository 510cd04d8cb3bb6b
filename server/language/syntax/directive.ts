import { skipSpace } from './characters.ts';
import { Anchor, Word } from './place.ts';
import { PlacedProblem } from './problem.ts';
import { DirectiveElement, type Problem, type Span } from './tree.ts';

const pattern = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*([^\n]+?)[\t\n\f\r ]*$/d;
const known = new Set(['syntax', 'escape', 'check']);

/** Reads the parser directives at the top of a file; the first line that is none ends them. */
export class DirectiveReader {
  readonly #text: string;
  readonly #seen = new Set<string>();
  readonly #report: (problem: Problem) => void;
  #done = false;

  constructor(text: string, report: (problem: Problem) => void) {
    this.#text = text;
    this.#report = report;
  }

  /** No line that follows is a directive. */
  end(): void {
    this.#done = true;
  }

  /** Reads the line of a number, without the blanks before it and its line end. */
  read(span: Span, line: number): DirectiveElement | undefined {
    if (this.#done) return undefined;
    const anchor = new Anchor(span.start, line);
    const directive = this.#match(span, anchor);
    if (!directive) {
      this.#done = true;
      return undefined;
    }
    const name = directive.name.text;
    if (this.#seen.has(name)) {
      const message = `only one ${name} parser directive can be used`;
      const problem = { phase: 'parse', code: 'duplicate-directive', message, ...span } as const;
      this.#report(new PlacedProblem(anchor, problem));
    }
    this.#seen.add(name);
    return directive;
  }

  #match(line: Span, anchor: Anchor): DirectiveElement | undefined {
    if (this.#text[line.start] !== '#') return undefined;
    const start = skipSpace(this.#text, line.start + 1, line.end);
    const match = pattern.exec(this.#text.slice(start, line.end));
    const [name, value] = [match?.indices?.[1], match?.indices?.[2]];
    if (!match || !name || !value) return undefined;
    const lower = match[1]?.toLowerCase() ?? '';
    if (!known.has(lower)) return undefined;
    const word = (text: string, [from, to]: [number, number]): Word =>
      new Word(anchor, { text, start: start + from, end: start + to });
    return new DirectiveElement(anchor, {
      ...line,
      name: word(lower, name),
      value: word(match[2] ?? '', value),
    });
  }
}
