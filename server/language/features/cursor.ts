import { mountKeys } from '../instructions/mount.ts';
import { findContinuation } from '../syntax/line.ts';
import { findLine, lineSpan, type Position, toOffset } from '../syntax/position.ts';
import type { Element, Flag, InstructionNode, Span, Tree } from '../syntax/tree.ts';

/** What stands at a position. */
export interface Cursor {
  readonly offset: number;
  readonly element: Element | undefined;
  /** The word around the offset, as far as it is on one line: up to blanks. */
  readonly word: Span;
  /** The part of the word before the offset. */
  readonly before: string;
}

/** Looks at a position of a tree. */
export function cursorAt(tree: Tree, position: Position): Cursor {
  const offset = toOffset(tree, position);
  const line = lineSpan(tree, findLine(tree, offset));
  let start = offset;
  while (start > line.start && !/\s/.test(tree.text[start - 1] ?? ' ')) start--;
  let end = offset;
  while (end < line.end && !/\s/.test(tree.text[end] ?? ' ')) end++;
  const element = elementAt(tree, offset);
  return { offset, element, word: { start, end }, before: tree.text.slice(start, offset) };
}

/** The element of the line of `offset`; behind a last line that goes on, or in a heredoc without an end, its instruction. */
export function elementAt(tree: Tree, offset: number): Element | undefined {
  const line = findLine(tree, offset);
  const index = findElement(tree.elements, line);
  const element = tree.elements[index];
  const previous = tree.elements[index - 1];
  if (element?.kind !== 'blank' || previous?.kind !== 'instruction' || previous.endLine !== line - 1)
    return element;
  if (previous.heredocs.some(({ terminator }) => !terminator)) return previous;
  const last = lineSpan(tree, previous.endLine);
  const goesOn = previous.heredocs.length === 0 && findContinuation(tree.text, last, tree.escapeToken) >= 0;
  return goesOn ? previous : element;
}

/** True when the offset is in the body of a heredoc or on its last line. */
export function isInHeredoc(node: InstructionNode, offset: number): boolean {
  return node.heredocs.some(
    ({ body, terminator }) => offset >= body.start && offset <= (terminator?.end ?? body.end),
  );
}

/** The instruction that the offset is in: behind ONBUILD its trigger, but on its own keyword. */
export function innermost(node: InstructionNode, offset: number): InstructionNode {
  return node.trigger && offset >= node.trigger.start ? innermost(node.trigger, offset) : node;
}

/** The flag around the offset. */
export function flagAt(node: InstructionNode, offset: number): Flag | undefined {
  return node.flags.find(flag => flag.start <= offset && offset <= flag.end);
}

/** One `key=value` of a mount around the offset, from the flag's text up to the offset and behind it. */
export interface MountPosition {
  readonly key: Span & { readonly text: string };
  readonly value: (Span & { readonly text: string }) | undefined;
  /** The type that the flag has, `bind` without one. */
  readonly type: string;
  /** The keys that it has already, by their first names. */
  readonly used: ReadonlySet<string>;
}

/** Where in the value of a `--mount` the offset is; undefined for a value with quotes or continuations. */
export function mountAt(tree: Tree, flag: Flag, offset: number): MountPosition | undefined {
  const { value } = flag;
  if (flag.name.text !== 'mount' || !value || offset < value.start) return undefined;
  if (tree.text.slice(value.start, value.end) !== value.text) return undefined;
  const parts: { start: number; text: string }[] = [];
  let start = value.start;
  for (const text of value.text.split(',')) {
    parts.push({ start, text });
    start += text.length + 1;
  }
  const part = parts.findLast(one => one.start <= offset);
  if (!part) return undefined;
  const pairs = parts.map(({ text }) => text.split('='));
  const used = new Set(pairs.map(([key = '']) => mountKeys.get(key.toLowerCase()) ?? key));
  const type = pairs.findLast(([key]) => key?.toLowerCase() === 'type')?.[1]?.toLowerCase() || 'bind';
  const equals = part.text.indexOf('=');
  const keyEnd = part.start + (equals < 0 ? part.text.length : equals);
  const end = part.start + part.text.length;
  const cut = (from: number, to: number) => ({ start: from, end: to, text: tree.text.slice(from, to) });
  return {
    key: cut(part.start, keyEnd),
    value: equals < 0 ? undefined : cut(keyEnd + 1, end),
    type,
    used,
  };
}

function findElement(elements: readonly Element[], line: number): number {
  let low = 0;
  let high = elements.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((elements[middle]?.line ?? 0) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}
