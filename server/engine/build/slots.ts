import { availableParallelism } from 'node:os';

/** Lets only so many pieces of work run at a time, first come first served. Steps wait more than they compute: more than processors. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count = Math.max(8, 2 * availableParallelism())) {
    this.#free = count;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
