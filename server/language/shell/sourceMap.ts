import { skipSpace } from '../syntax/characters.ts';
import { findContinuation } from '../syntax/line.ts';
import { findLine, lineSpan } from '../syntax/position.ts';
import type { Heredoc, Span, Tree } from '../syntax/tree.ts';

/** A piece of a script that stands in the file as it is: `length` characters at `at` of the script are at `offset`. */
interface Piece {
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

/** Where each character of a script is in the file. */
export class SourceMap {
  readonly #pieces: Piece[] = [];
  #length = 0;

  /** Adds the next `length` characters of the script, which are those of the file at `offset`. */
  add(offset: number, length: number): void {
    if (length > 0) this.#pieces.push({ at: this.#length, offset, length });
    this.#length += length;
  }

  /** Adds characters of the script that are not in the file. */
  addForeign(length: number): void {
    this.#length += length;
  }

  /** Adds the piece of the file that is a joined text: continuations and the comments between them are left out. */
  addJoined(tree: Tree, { start, end }: Span): void {
    let from = start;
    for (let line = findLine(tree, start); from < end; line++) {
      const span = lineSpan(tree, line);
      from = Math.max(from, span.start);
      if (span.start > start && isSkipped(tree.text, span)) continue;
      const continuation = findContinuation(tree.text, span, tree.escapeToken);
      const stop = Math.min(continuation < 0 ? span.end : continuation, end);
      this.add(from, stop - from);
      from = tree.lineStarts[line + 1] ?? end;
    }
  }

  /** Adds a heredoc's body without the leading tabs of its lines. */
  addChomped({ content, body }: Heredoc): void {
    for (const { index, 1: line = '' } of content.matchAll(/^\t*([^\n]*\n?)/gm)) {
      const end = content.indexOf(line, index) + line.length;
      this.add(body.start + end - line.length, line.length);
      if (end >= content.length) return;
    }
  }

  /** The offset in the file of a character of the script; of one that is not in the file, the place of its neighbour. */
  offset(at: number): number {
    const piece = this.#pieces[this.#indexBefore(at)];
    return piece ? piece.offset + Math.min(at - piece.at, piece.length) : 0;
  }

  /** The span in the file of a piece of the script, with continuations inside of it. */
  span(pos: number, end: number): Span {
    const start = this.offset(pos);
    const last = end > pos ? this.#pieces[this.#indexBefore(end - 1)] : undefined;
    return { start, end: last ? last.offset + Math.min(end - last.at, last.length) : start };
  }

  /** As {@link span}, without the continuations: the pieces that stand together in the file. */
  pieces(pos: number, end: number): Span[] {
    const spans: Span[] = [];
    let index = this.#indexBefore(pos);
    for (let piece = this.#pieces[index]; piece && piece.at < end; piece = this.#pieces[++index]) {
      const from = Math.max(pos - piece.at, 0);
      const to = Math.min(end - piece.at, piece.length);
      if (to > from) spans.push({ start: piece.offset + from, end: piece.offset + to });
    }
    return spans;
  }

  /** The place in the script of an offset of the file; undefined when no part of the script is there. */
  locate(offset: number): number | undefined {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    if (!piece || offset < piece.offset || offset > piece.offset + piece.length) return undefined;
    return piece.at + offset - piece.offset;
  }

  #indexBefore(at: number): number {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** A line between continuation lines that a build drops. */
function isSkipped(text: string, { start, end }: Span): boolean {
  const at = skipSpace(text, start, end);
  return at === end || text[at] === '#';
}
