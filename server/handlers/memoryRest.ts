import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds without a message after which nobody is about to wait for an answer. */
const defaultPause = 5000;

/** Bytes that have to have come up since the last time: less is not worth the work. */
const worthwhile = 6 << 20;

export interface MemoryRestOptions {
  readonly pause?: number;
  /** Gives back what is not used. */
  readonly collect?: () => void;
  /** Resident bytes of the process. */
  readonly resident?: () => number;
}

/**
 * Gives memory back to the system when the user pauses. V8 keeps what it has freed for what comes next, and a server
 * that nobody types at has nothing next: it is a third of what the process takes, for a collection of some hundredths of
 * a second that nobody waits for.
 */
export class MemoryRest {
  readonly #pause: number;
  readonly #collect: () => void;
  readonly #resident: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** Resident bytes when it was done last. */
  #floor = 0;

  constructor(options: MemoryRestOptions = {}) {
    this.#pause = options.pause ?? defaultPause;
    this.#collect = options.collect ?? collectGarbage;
    this.#resident = options.resident ?? (() => process.memoryUsage.rss());
  }

  /** A message has come: the pause begins again. */
  stir(): void {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#rest(), this.#pause).unref();
  }

  #rest(): void {
    this.#timer = undefined;
    if (this.#resident() - this.#floor < worthwhile) return;
    this.#collect();
    this.#floor = this.#resident();
  }
}

let collector: ((options: object) => void) | undefined;

/** Frees all that can be freed, V8's empty pages among it. A V8 that does not know the kind does a full collection. */
export function collectGarbage(): void {
  if (!collector) {
    // V8 gives the function to contexts that are made while the flag is set.
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
  }
  collector?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
