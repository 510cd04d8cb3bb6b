import { type Change, changeLineStarts, findChange } from './change.ts';
import type { Shift } from './place.ts';
import { findLine } from './position.ts';
import type { Element, EscapeToken, Problem, Tree } from './tree.ts';

/**
 * What stays of a tree when its text changes. Behind an instruction the reader has nothing in mind: no comments
 * that wait for their instruction, no directive that could still come. From there on a tree depends only on the text
 * that follows. So all up to an instruction before the change stays as it is, and all behind an instruction after the
 * change stays but for its place.
 */
export class Reuse {
  readonly lineStarts: readonly number[];
  /** The elements before the change, of which the last is an instruction, and their problems; none at the top. */
  readonly elements: readonly Element[];
  readonly problems: readonly Problem[];
  readonly #previous: Tree;
  readonly #change: Change;
  #next: number;

  constructor(previous: Tree, text: string) {
    const { elements, lineStarts, problems } = previous;
    this.#previous = previous;
    this.#change = findChange(previous.text, text);
    this.#next = countBefore(this.#change, previous);
    this.lineStarts = changeLineStarts(lineStarts, text, this.#change);
    this.elements = elements.slice(0, this.#next);
    const end = this.#next === 0 ? 0 : this.#startOf(this.#next);
    this.problems = problems.filter(({ start }) => start < end);
  }

  /** That of the old text. */
  get escapeToken(): EscapeToken {
    return this.#previous.escapeToken;
  }

  /**
   * All from `line` on, at `start`, to the end of the text, when the old tree has it, and how far it has to be moved. Ask
   * with ascending lines, behind an instruction, while the escape character is that of the old text.
   */
  rest(
    line: number,
    start: number,
  ): (Pick<Tree, 'elements' | 'problems'> & { readonly by: Shift }) | undefined {
    const { oldEnd, newEnd } = this.#change;
    if (start < newEnd) return undefined;
    const offset = newEnd - oldEnd;
    const { elements, problems } = this.#previous;
    while (this.#next < elements.length && this.#startOf(this.#next) + offset < start) this.#next++;
    const first = elements[this.#next];
    if (!first || this.#startOf(this.#next) + offset !== start) return undefined;
    if (elements[this.#next - 1]?.kind !== 'instruction') return undefined;
    const by = { offset, lines: line - first.line };
    const rest = elements.slice(this.#next);
    const restProblems = problems.filter(problem => problem.start + offset >= start);
    return { elements: rest, problems: restProblems, by };
  }

  /** Where the first line of an element begins. */
  #startOf(index: number): number {
    const { elements, lineStarts, text } = this.#previous;
    return lineStarts[elements[index]?.line ?? lineStarts.length] ?? text.length;
  }
}

/** How many elements the change cannot touch. */
function countBefore({ start }: Change, tree: Tree): number {
  // An element that ends because the text does is the last but one at most, before the empty last line.
  let count = indexAtLine(tree.elements, findLine(tree, start)) - 1;
  while (count > 0 && tree.elements[count - 1]?.kind !== 'instruction') count--;
  return Math.max(count, 0);
}

/** Index of the element that has the line. */
function indexAtLine(elements: readonly Element[], line: number): number {
  let low = 0;
  let high = elements.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((elements[middle]?.line ?? 0) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}
