import { type FSWatcher, watch } from 'node:fs';
import { SampanError } from '../../common/errors.ts';

/**
 * Waits for changes in a folder without missing one between two looks: `arm`, look, and when the look was in
 * vain `next`. fs.watch may merge events, so that a look is needed after each.
 */
export class FolderChanges {
  readonly #watcher: FSWatcher;
  #changed = false;
  #wake: (() => void) | undefined;

  /**
   * @param isRelevant tells by the name of a file whether its change counts
   * @throws Node's ENOENT when there is no such folder
   */
  constructor(directory: string, isRelevant: (name: string) => boolean = () => true) {
    this.#watcher = watch(directory, (_, name) => {
      if (name === null || isRelevant(name)) this.#notice();
    });
    this.#watcher.on('error', () => this.#notice());
  }

  /** Changes from now on count. */
  arm(): void {
    this.#changed = false;
  }

  /**
   * Resolves at the first change since `arm`, or after `timeout` milliseconds.
   *
   * @throws SampanError `cancelled` when `signal` aborts
   */
  async next(
    options: { readonly signal?: AbortSignal | undefined; readonly timeout?: number } = {},
  ): Promise<void> {
    const { signal, timeout } = options;
    if (signal?.aborted) throw cancelled();
    if (this.#changed) return;
    const timer = timeout === undefined ? undefined : setTimeout(() => this.#wake?.(), timeout);
    const abort = () => this.#wake?.();
    signal?.addEventListener('abort', abort, { once: true });
    await new Promise<void>(resolve => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    if (signal?.aborted) throw cancelled();
  }

  close(): void {
    this.#watcher.close();
  }

  #notice(): void {
    this.#changed = true;
    this.#wake?.();
  }
}

function cancelled(): SampanError {
  return new SampanError('cancelled', 'The request was cancelled.');
}
