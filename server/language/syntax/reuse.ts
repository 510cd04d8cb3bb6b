import { type Change, changeLineStarts, findChange } from './change.ts';
import { findLine } from './position.ts';
import { shiftElement, shiftProblem } from './shift.ts';
import type { Element, Problem, Tree } from './tree.ts';

/**
 * What stays of a tree when its text changes. Behind an instruction the reader has nothing in mind: no comments
 * that wait for their instruction, no directive that could still come. From there on a tree depends only on the text
 * that follows. So all up to an instruction before the change stays as it is, and all behind an instruction after the
 * change stays but for its place.
 */
export class Reuse {
  readonly lineStarts: readonly number[];
  /** The elements before the change, of which the last is an instruction, and their problems. */
  readonly elements: readonly Element[];
  readonly problems: readonly Problem[];
  readonly #previous: Tree;
  readonly #change: Change;
  #next: number;

  private constructor(previous: Tree, text: string, options: { change: Change; count: number }) {
    const { change, count } = options;
    const { elements, lineStarts, problems } = previous;
    this.#previous = previous;
    this.#change = change;
    this.#next = count;
    this.lineStarts = changeLineStarts(lineStarts, text, change);
    this.elements = elements.slice(0, count);
    const end = this.#startOf(count);
    this.problems = problems.filter(({ start }) => start < end);
  }

  /** Undefined when the change is before the second instruction, or nearly. */
  static find(previous: Tree, text: string): Reuse | undefined {
    const change = findChange(previous.text, text);
    const { elements } = previous;
    // An element that the end of the text ended is the last but one at most, before the empty last line.
    let count = indexAtLine(elements, findLine(previous, change.start)) - 1;
    while (count > 0 && elements[count - 1]?.kind !== 'instruction') count--;
    return count > 0 ? new Reuse(previous, text, { change, count }) : undefined;
  }

  /**
   * All from `line` on, at `start`, to the end of the text, when the old tree has it; the element before it is an
   * instruction. Ask with ascending lines.
   */
  rest(line: number, start: number): Pick<Tree, 'elements' | 'problems'> | undefined {
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
    if (by.offset === 0 && by.lines === 0) return { elements: rest, problems: restProblems };
    return {
      elements: rest.map(element => shiftElement(element, by)),
      problems: restProblems.map(problem => shiftProblem(problem, by)),
    };
  }

  /** Where the first line of an element begins. */
  #startOf(index: number): number {
    const { elements, lineStarts, text } = this.#previous;
    return lineStarts[elements[index]?.line ?? lineStarts.length] ?? text.length;
  }
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
