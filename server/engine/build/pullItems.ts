import type { PullProgress } from '../image/types.ts';
import type { BuildEvent } from './types.ts';

type Item = Omit<Extract<BuildEvent, { readonly kind: 'progress' }>, 'kind' | 'step'>;

/** The progress of a pull as that of items: each layer is one while it comes, and another while it is unpacked. */
export class PullItems {
  readonly #emit: (item: Item) => void;
  readonly #extracting = new Set<string>();

  constructor(emit: (item: Item) => void) {
    this.#emit = emit;
  }

  handle({ id, status, ...amount }: PullProgress): void {
    if (status === 'extracting') {
      this.#extracting.add(id);
      this.#emit({ item: id, text: `${id} downloaded`, isDone: true });
    }
    const item = this.#extracting.has(id) ? `extracting ${id}` : id;
    this.#emit({
      item,
      text: `${id} ${status}`,
      isDone: status === 'done' || status === 'exists',
      ...amount,
    });
  }
}
