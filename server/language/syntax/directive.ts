import { skipSpace } from './characters.ts';
import type { Problem, Span, Word } from './tree.ts';

const pattern = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*([^\n]+?)[\t\n\f\r ]*$/d;
const known = new Set(['syntax', 'escape', 'check']);

export interface ReadDirective {
  readonly name: Word;
  readonly value: Word;
}

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

  /** `line` is without the blanks before it and its line end. */
  read(line: Span): ReadDirective | undefined {
    if (this.#done) return undefined;
    const directive = this.#match(line);
    if (!directive) {
      this.#done = true;
      return undefined;
    }
    const name = directive.name.text;
    if (this.#seen.has(name)) {
      const message = `only one ${name} parser directive can be used`;
      this.#report({ phase: 'parse', code: 'duplicate-directive', message, ...line });
    }
    this.#seen.add(name);
    return directive;
  }

  #match(line: Span): ReadDirective | undefined {
    if (this.#text[line.start] !== '#') return undefined;
    const start = skipSpace(this.#text, line.start + 1, line.end);
    const match = pattern.exec(this.#text.slice(start, line.end));
    const [name, value] = [match?.indices?.[1], match?.indices?.[2]];
    if (!match || !name || !value) return undefined;
    const lower = match[1]?.toLowerCase() ?? '';
    if (!known.has(lower)) return undefined;
    return {
      name: { text: lower, start: start + name[0], end: start + name[1] },
      value: { text: match[2] ?? '', start: start + value[0], end: start + value[1] },
    };
  }
}
