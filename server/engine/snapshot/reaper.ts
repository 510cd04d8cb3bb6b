import type { FsSession } from '../runtime/types.ts';

/** Deletes file trees in the background, in one session that is open only while there is work. */
export interface Reaper {
  /** Queue trees that no record points at any more. */
  remove(trees: readonly string[]): void;
  /** Resolves when the queue is empty. */
  drain(): Promise<void>;
}

/**
 * `onError` hears about trees that could not be deleted; {@link Snapshots.recover} of a later start finds
 * them again.
 */
export function openReaper(options: {
  readonly openFs: () => Promise<FsSession>;
  readonly onError: (error: unknown) => void;
}): Reaper {
  let queue: string[] = [];
  let running: Promise<void> | undefined;

  async function work(): Promise<void> {
    let session: FsSession | undefined;
    try {
      session = await options.openFs();
      while (queue.length > 0) {
        const trees = queue;
        queue = [];
        await session.removeTree(trees);
      }
    } catch (error) {
      queue = [];
      options.onError(error);
    } finally {
      running = undefined;
      await session?.close();
    }
  }

  return {
    remove(trees) {
      queue.push(...trees);
      if (queue.length > 0) running ??= work();
    },
    async drain() {
      while (running !== undefined) await running;
    },
  };
}
