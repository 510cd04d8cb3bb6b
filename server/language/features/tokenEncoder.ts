import { lineSpan } from '../syntax/position.ts';
import type { Element, Span, Tree } from '../syntax/tree.ts';

/** A piece of the file with the number of its type. */
export interface Token extends Span {
  readonly type: number;
}

/**
 * The tokens of one element by their places in it: line from the element's first, character in its line, length,
 * type. They hold wherever in the file the element is.
 */
export type ElementTokens = readonly number[];

/** Sorts the tokens of an element; what is within an earlier one or goes over the end of a line is cut. */
export function placeTokens(tree: Tree, element: Element, tokens: Token[]): ElementTokens {
  tokens.sort((left, right) => left.start - right.start);
  const placed: number[] = [];
  let { line } = element;
  let content = lineSpan(tree, line);
  let written = 0;
  for (const { start, end, type } of tokens) {
    let at = Math.max(start, written);
    while (at < end) {
      while (at >= (tree.lineStarts[line + 1] ?? tree.text.length + 1)) content = lineSpan(tree, ++line);
      const lineStart = tree.lineStarts[line] ?? 0;
      const stop = Math.min(end, content.end);
      if (stop > at) placed.push(line - element.line, at - lineStart, stop - at, type);
      written = Math.max(stop, written);
      at = Math.max(tree.lineStarts[line + 1] ?? end, at + 1);
    }
  }
  return placed;
}

/** Writes tokens in the protocol's form: five numbers a token, line and character relative to the token before. */
export class TokenEncoder {
  readonly data: number[] = [];
  #line = 0;
  #character = 0;

  /** Adds the tokens of the next element that are, at least in part, within the lines and characters of a range. */
  add(
    element: Element,
    tokens: ElementTokens,
    isWanted?: (line: number, character: number, end: number) => boolean,
  ): void {
    if (tokens.length === 0) return;
    const { data } = this;
    const first = element.line;
    let previousLine = this.#line;
    let previous = this.#character;
    for (let at = 0; at < tokens.length; at += 4) {
      const line = first + (tokens[at] as number);
      const character = tokens[at + 1] as number;
      const length = tokens[at + 2] as number;
      if (isWanted && !isWanted(line, character, character + length)) continue;
      const fromPrevious = line === previousLine ? character - previous : character;
      data.push(line - previousLine, fromPrevious, length, tokens[at + 3] as number, 0);
      previousLine = line;
      previous = character;
    }
    this.#line = previousLine;
    this.#character = previous;
  }
}

/** A replacement in the numbers of a semantic tokens response (LSP 3.17 SemanticTokensEdit). */
export interface TokensEdit {
  readonly start: number;
  readonly deleteCount: number;
  readonly data: readonly number[];
}

/** What makes the numbers of a response of those of an earlier one: nothing, or the one piece in which they differ. */
export function tokensEdits(before: readonly number[], after: readonly number[]): TokensEdit[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return [];
  let tail = 0;
  const most = shorter - start;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return [
    { start, deleteCount: before.length - tail - start, data: after.slice(start, after.length - tail) },
  ];
}
