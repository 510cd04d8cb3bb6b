/** What is remembered of an object. Private, because it says nothing about it: two that are equal stay so. */
export class NodeKey {
  #memory: unknown[] | undefined;

  recall(index: number): unknown {
    return this.#memory?.[index];
  }

  remember(index: number, value: unknown): void {
    this.#memory ??= [];
    // In order, so that there are no holes, which are slow.
    while (this.#memory.length < index) this.#memory.push(undefined);
    this.#memory[index] = value;
  }
}

export interface Keyed {
  /** For what is remembered about it. */
  readonly key: NodeKey;
}

class Memo<T> {
  readonly #index: number;

  protected constructor(index: number) {
    this.#index = index;
  }

  get({ key }: Keyed): T | undefined {
    return key.recall(this.#index) as T | undefined;
  }

  set({ key }: Keyed, value: T): void {
    key.remember(this.#index, value);
  }
}

/**
 * Remembers something about instructions as long as they stay as they are, wherever they move: by `InstructionNode.key`,
 * which it is kept with. Thousands of entries of a WeakMap would cost every garbage collection more than all the rest.
 * One for each kind of thing, made when its module is loaded: each has a place in all keys.
 */
export class NodeMemo<T> extends Memo<T> {
  static #count = 0;

  constructor() {
    super(NodeMemo.#count++);
  }
}

/** As {@link NodeMemo}, for pages of instructions and what is made of them. */
export class PageMemo<T> extends Memo<T> {
  static #count = 0;

  constructor() {
    super(PageMemo.#count++);
  }
}

/** As {@link NodeMemo}, for what rules have found. */
export class FindingMemo<T> extends Memo<T> {
  static #count = 0;

  constructor() {
    super(FindingMemo.#count++);
  }
}
