/** What was replaced to make one text of another: `start..oldEnd` of the old by `start..newEnd` of the new. */
export interface Change {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** The smallest single replacement between two texts. */
export function findChange(before: string, after: string): Change {
  const shorter = Math.min(before.length, after.length);
  const start = commonStart(before, after);
  const end = commonEnd(before, after, shorter - start);
  return { start, oldEnd: before.length - end, newEnd: after.length - end };
}

/** Line starts of the text after a change, from those before it; as `findLineStarts` of the whole text. */
export function changeLineStarts(starts: readonly number[], text: string, change: Change): number[] {
  const { start, oldEnd, newEnd } = change;
  const delta = newEnd - oldEnd;
  const before = firstAfter(starts, start);
  const behind = firstAfter(starts, oldEnd);
  if (before === behind && !text.slice(start, newEnd).includes('\n')) {
    const moved = starts.slice();
    for (let line = behind; line < moved.length; line++) moved[line] = (moved[line] ?? 0) + delta;
    return moved;
  }
  const result = starts.slice(0, before);
  for (let at = text.indexOf('\n', start); at >= 0 && at < newEnd; at = text.indexOf('\n', at + 1)) {
    result.push(at + 1);
  }
  for (let line = behind; line < starts.length; line++) {
    result.push((starts[line] ?? 0) + delta);
  }
  return result;
}

// Whole blocks compare much faster than characters.
const block = 1024;

function commonStart(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  let at = 0;
  while (at + block <= most && left.slice(at, at + block) === right.slice(at, at + block)) at += block;
  while (at < most && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  return at;
}

function commonEnd(left: string, right: string, most: number): number {
  const isSame = (from: number, to: number): boolean =>
    left.slice(left.length - to, left.length - from) === right.slice(right.length - to, right.length - from);
  let length = 0;
  while (length + block <= most && isSame(length, length + block)) length += block;
  while (
    length < most &&
    left.charCodeAt(left.length - length - 1) === right.charCodeAt(right.length - length - 1)
  )
    length++;
  return length;
}

/** Index of the first of ascending numbers that is greater than `value`. */
function firstAfter(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
