import type { InstructionNode } from './tree.ts';

/**
 * Remembers something about instructions as long as they stay as they are, wherever they move: by `InstructionNode.key`,
 * which it is kept with. Thousands of entries of a WeakMap would cost every garbage collection more than all the rest.
 */
export class NodeMemo<T> {
  readonly #name = Symbol('memo');

  get({ key }: Pick<InstructionNode, 'key'>): T | undefined {
    return (key as Memory<T>)[this.#name];
  }

  set({ key }: Pick<InstructionNode, 'key'>, value: T): void {
    (key as Memory<T>)[this.#name] = value;
  }
}

interface Memory<T> {
  [name: symbol]: T | undefined;
}
