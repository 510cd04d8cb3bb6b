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
    // Hidden, because it says nothing about the instruction: two that are equal stay so.
    Object.defineProperty(key, this.#name, { value, writable: true, enumerable: false, configurable: true });
  }
}

interface Memory<T> {
  [name: symbol]: T | undefined;
}
