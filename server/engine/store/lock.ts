import type { LockMode, Native } from '../native.ts';
import { fileFailure } from './failure.ts';

/**
 * flock(2) as the addon gives it: waits until the lock is free, ends with the process. `shared` is for
 * those who add to the store, `exclusive` for those who delete from it.
 */
export type FileLocks = Pick<Native, 'lockFile'>;

/**
 * Do something under a lock; released whatever happens. Keep it short: others wait. Throws `unsupported`
 * where the lock's file cannot be made, on a read-only file system for example.
 */
export async function withLock<T>(
  locks: FileLocks,
  at: { readonly path: string; readonly mode: LockMode },
  work: () => Promise<T>,
): Promise<T> {
  const lock = await locks.lockFile(at.path, at.mode).catch((error: unknown) => {
    throw fileFailure(error, 'Locking the store');
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
