import type { PullProgress } from '../../server/protocol/types.ts';
import { sizeText } from '../views/words.ts';

/** Follows the progress of a pull and tells it in one line. */
export class PullReport {
  readonly #parts = new Map<string, PullProgress>();

  /** Takes a progress and returns the line: `2 of 5 layers, 12.3MB of 40MB`. */
  apply(progress: PullProgress): string {
    this.#parts.set(progress.id, progress);
    const parts = [...this.#parts.values()];
    const done = parts.filter(({ status }) => status === 'done' || status === 'exists').length;
    const current = sum(parts.map(part => part.current));
    const total = sum(parts.map(part => part.total));
    const bytes = total === 0 ? '' : `, ${sizeText(current)} of ${sizeText(total)}`;
    return `${done} of ${parts.length} parts${bytes}`;
  }
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
