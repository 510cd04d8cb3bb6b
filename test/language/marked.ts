import { type CheckOptions, type CheckResult, check } from '../../server/language/lint/check.ts';
import { findLineStarts } from '../../server/language/syntax/line.ts';
import { type Position, type Range, toOffset, toPosition } from '../../server/language/syntax/position.ts';

/** A Dockerfile with `|` where the user's cursor is. */
export interface Marked {
  readonly text: string;
  readonly position: Position;
  readonly result: CheckResult;
}

/** Takes the first `|` out of a text and remembers where it was. */
export function marked(written: string, options: CheckOptions = {}): Marked {
  const offset = written.indexOf('|');
  if (offset < 0) throw new Error(`no | in ${written}`);
  const text = written.slice(0, offset) + written.slice(offset + 1);
  const result = check(text, options);
  return { text, result, position: toPosition(result.file.tree, offset) };
}

/** The text of a range. */
export function textOf(text: string, range: Range): string {
  const lines = { text, lineStarts: findLineStarts(text) };
  return text.slice(toOffset(lines, range.start), toOffset(lines, range.end));
}

/** The text after edits, which must not overlap. */
export function applyEdits(
  text: string,
  edits: readonly { readonly range: Range; readonly newText: string }[],
): string {
  const lines = { text, lineStarts: findLineStarts(text) };
  const changes = edits
    .map(({ range, newText }) => ({
      start: toOffset(lines, range.start),
      end: toOffset(lines, range.end),
      newText,
    }))
    .sort((left, right) => left.start - right.start || left.end - right.end);
  let result = '';
  let at = 0;
  for (const { start, end, newText } of changes) {
    if (start < at) throw new Error(`edits overlap at ${start}`);
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}
