import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Native } from '../native.ts';
import { moveIntoPlace } from '../store/atomic.ts';
import { hasErrno } from '../store/failure.ts';
import { makeFolder } from '../store/folder.ts';
import { type EngineEvent, encodeEvent } from './event.ts';

/** Bytes at which a journal becomes the older one of the two; what was the older goes. */
export const journalMax = 4 * 2 ** 20;

/** The newest events, and those before them. Monitors append too: native/init/journal.c. */
export function journalFiles(folder: string): { readonly newer: string; readonly older: string } {
  return { newer: join(folder, 'journal'), older: join(folder, 'journal.1') };
}

/**
 * What happened in a store, one line an event, for whoever asks later and from whatever process. A line is one write to
 * a file opened for appending, which is never mixed with another's; a line that a crash or a full disk cut short is
 * passed over by readers. Events are told, never decided with: that one cannot be written fails nothing.
 */
export interface EventJournal {
  /** Written behind the caller, in the order of the calls. */
  append(event: Omit<EngineEvent, 'time'>): void;
  /** All that was appended here is written, or could not be. */
  settled(): Promise<void>;
}

export function openJournal(options: {
  readonly folder: string;
  readonly native: Pick<Native, 'tryLockFile'>;
  readonly warn: (message: string) => void;
}): EventJournal {
  const { folder, native } = options;
  const { newer, older } = journalFiles(folder);
  let last = 0n;
  let queue = Promise.resolve();

  /** Events of one process keep their order however coarse the clock. */
  function now(): bigint {
    const time = BigInt(Date.now()) * 1_000_000n;
    last = time > last ? time : last + 1n;
    return last;
  }

  async function write(line: string): Promise<void> {
    const file = await open(newer, 'a', 0o600).catch(async error => {
      // Of a store that is older than the journal, or that somebody tidied.
      if (!hasErrno(error, 'ENOENT')) throw error;
      await makeFolder(folder);
      return open(newer, 'a', 0o600);
    });
    try {
      await file.write(line);
      if ((await file.stat()).size > journalMax) await rotate();
    } finally {
      await file.close();
    }
  }

  /** One writer does it; the size is looked at again under the lock, for another may have done it. */
  async function rotate(): Promise<void> {
    const lock = await native.tryLockFile(`${folder}/.`, 'exclusive');
    if (!lock) return;
    try {
      if ((await stat(newer)).size > journalMax) await moveIntoPlace(newer, older);
    } finally {
      lock.release();
    }
  }

  return {
    append(event) {
      const line = encodeEvent({ ...event, time: now() });
      queue = queue
        .then(() => write(line))
        .catch(error => options.warn(`An event could not be recorded: ${String(error)}`));
    },
    settled: () => queue,
  };
}
