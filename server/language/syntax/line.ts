import { isBlank, isSpace } from './characters.ts';
import { type Anchor, Place, Word } from './place.ts';
import type { Span } from './tree.ts';

/** Offsets at which the lines of `text` begin; a text that ends with a line end has an empty last line. */
export function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * Where the escape character that continues the line stands, or -1. It is the last character but for blanks and
 * tabs, and no other escape character stands before it.
 */
export function findContinuation(text: string, line: Span, escapeToken: string): number {
  let at = line.end - 1;
  while (at >= line.start && (text[at] === ' ' || text[at] === '\t')) at--;
  if (at < line.start || text[at] !== escapeToken) return -1;
  return at > line.start && text[at - 1] === escapeToken ? -1 : at;
}

/** An instruction's line: physical lines joined, and where each part of it comes from. */
export class LogicalLine {
  /** Of the instruction. */
  readonly anchor: Anchor;
  #text = '';
  readonly #starts: number[] = [];
  readonly #origins: number[] = [];

  constructor(anchor: Anchor) {
    this.anchor = anchor;
  }

  get text(): string {
    return this.#text;
  }

  append(text: string, origin: number): void {
    if (text === '' && this.#starts.length > 0) return;
    this.#starts.push(this.#text.length);
    this.#origins.push(origin);
    this.#text += text;
  }

  /** The part `start..end` of the joined line as a word of the file. */
  word(start: number, end: number): Word {
    return this.wordOf(this.#text.slice(start, end), { start, end });
  }

  /** As {@link word}, for a text that is not just what stands there. */
  wordOf(text: string, span: Span): Word {
    return new Word(this.anchor, { text, ...this.#spanOf(span.start, span.end) });
  }

  /** Where `start..end` of the joined line is in the file. */
  span(start: number, end: number): Place {
    return new Place(this.anchor, this.#spanOf(start, end));
  }

  #spanOf(start: number, end: number): Span {
    const first = this.#origin(start);
    return { start: first, end: end > start ? this.#origin(end - 1) + 1 : first };
  }

  #origin(at: number): number {
    if (this.#starts.length === 1) return (this.#origins[0] ?? 0) + at;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return (this.#origins[low] ?? 0) + at - (this.#starts[low] ?? 0);
  }
}

/** Splits a part of a joined line at blanks, as FROM, EXPOSE, COPY, ADD and VOLUME do. */
export function splitAtBlanks(line: LogicalLine, { start, end }: Span): Word[] {
  const { text } = line;
  const words: Word[] = [];
  let at = start;
  while (at < end) {
    const from = at;
    while (at < end && !isBlank(text.charCodeAt(at))) at++;
    words.push(line.word(from, at));
    while (at < end && isBlank(text.charCodeAt(at))) at++;
  }
  return words;
}

/**
 * Splits `start..end` of a joined line at spaces outside of quotes, as ENV, LABEL and ARG do. Quotes and escape
 * characters stay; an escape character at the very end is dropped.
 */
export function splitOutsideQuotes(line: LogicalLine, span: Span, escapeToken: string): Word[] {
  const { text } = line;
  const words: Word[] = [];
  let at = span.start;
  for (;;) {
    while (at < span.end && isSpace(text.charCodeAt(at))) at++;
    if (at >= span.end) return words;
    const from = at;
    let quote = '';
    while (at < span.end && (quote !== '' || !isSpace(text.charCodeAt(at)))) {
      const character = text[at] as string;
      if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = '';
      if (character === escapeToken && quote !== "'") at++;
      at++;
    }
    const dropsEscape = at > span.end;
    at = Math.min(at, span.end);
    const word = line.word(from, at);
    if (dropsEscape) pushWithoutEscape(words, word);
    else words.push(word);
  }
}

function pushWithoutEscape(words: Word[], word: Word): void {
  const text = word.text.slice(0, -1);
  if (text !== '') words.push(word.withText(text));
}
