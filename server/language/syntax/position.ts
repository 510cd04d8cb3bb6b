import type { Span, Tree } from './tree.ts';

/** A place in the text as the language server protocol has it: both from 0, characters are UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A half-open range of positions. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

type Lines = Pick<Tree, 'text' | 'lineStarts'>;

/** The line that holds `offset`. */
export function findLine({ lineStarts }: Lines, offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The line without its line end. */
export function lineSpan({ text, lineStarts }: Lines, line: number): Span {
  const start = lineStarts[line] ?? text.length;
  let end = lineStarts[line + 1] ?? text.length;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return { start, end };
}

/** The position of an offset; one beyond the text is its end. */
export function toPosition(lines: Lines, offset: number): Position {
  const at = Math.min(Math.max(offset, 0), lines.text.length);
  const line = findLine(lines, at);
  return { line, character: at - (lines.lineStarts[line] ?? 0) };
}

/** The offset of a position; one beyond its line or the text is the end of that. */
export function toOffset(lines: Lines, position: Position): number {
  if (position.line < 0) return 0;
  if (position.line >= lines.lineStarts.length) return lines.text.length;
  const start = lines.lineStarts[position.line] ?? lines.text.length;
  return Math.min(start + Math.max(position.character, 0), lineEnd(lines, position.line));
}

/** The end of a line before its line feed, and the carriage return that belongs to it. */
function lineEnd({ text, lineStarts }: Lines, line: number): number {
  const next = lineStarts[line + 1];
  if (next === undefined) return text.length;
  return next - (text[next - 2] === '\r' ? 2 : 1);
}

/** The range of a span. */
export function toRange(lines: Lines, span: Span): Range {
  return { start: toPosition(lines, span.start), end: toPosition(lines, span.end) };
}
