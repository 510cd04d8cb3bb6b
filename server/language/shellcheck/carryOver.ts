import { findChange } from '../syntax/change.ts';
import type { ShellComment } from './output.ts';

/**
 * What was said about a script before it was changed, as far as it is still worth showing until it is checked again: what
 * the change touches is left out, and so are all replacements. Nothing when the two have little in common.
 */
export function carryOver(
  comments: readonly ShellComment[],
  before: string,
  after: string,
): readonly ShellComment[] {
  const { start, oldEnd, newEnd } = findChange(before, after);
  if (oldEnd - start > before.length / 2 || newEnd - start > after.length / 2) return [];
  const by = newEnd - oldEnd;
  return comments.flatMap(comment => {
    const { pos, end } = comment;
    if (end < start) return [{ ...comment, replacements: [] }];
    return pos > oldEnd ? [{ ...comment, replacements: [], pos: pos + by, end: end + by }] : [];
  });
}
