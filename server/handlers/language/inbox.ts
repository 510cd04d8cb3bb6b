import { setImmediate as turn } from 'node:timers/promises';
import type { MessageConnection } from 'vscode-jsonrpc/node';

const defaultSlice = 4;

/**
 * The messages of a client that wait to be handled. What nobody waits for stands back behind them: a connection handles
 * one in each turn of the event loop, so a turn in which none came means that none is waiting.
 */
export class Inbox {
  #handled = 0;
  readonly #slice: number;

  /** `slice`: milliseconds of work after which it is looked whether a message has come. */
  constructor({ slice = defaultSlice }: { readonly slice?: number } = {}) {
    this.#slice = slice;
  }

  /** The connection, whose messages are counted. */
  watch(connection: MessageConnection): MessageConnection {
    const onRequest = (method: string, handler: (...args: unknown[]) => unknown) =>
      connection.onRequest(method, (...args: unknown[]) => {
        this.#handled++;
        return handler(...args);
      });
    const onNotification = (method: string, handler: (...args: unknown[]) => void) =>
      connection.onNotification(method, (...args: unknown[]) => {
        this.#handled++;
        handler(...args);
      });
    return Object.create(connection, {
      onRequest: { value: onRequest },
      onNotification: { value: onNotification },
    });
  }

  /** Resolves when all that has come is handled. */
  async emptied(): Promise<void> {
    let handled: number;
    do {
      handled = this.#handled;
      // Two, because the next message may have its turn behind this one.
      await turn();
      await turn();
    } while (handled !== this.#handled);
  }

  /**
   * Takes the steps of long work and gives way to messages in between. Resolves with what the work comes to; with undefined
   * when `isObsolete` turned true behind a message, and the rest of the work was left.
   */
  async work<T>(steps: Iterator<unknown, T>, isObsolete: () => boolean): Promise<T | undefined> {
    let end = performance.now() + this.#slice;
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() < end) continue;
      await this.emptied();
      if (isObsolete()) return undefined;
      end = performance.now() + this.#slice;
    }
  }
}
