import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrno } from './failure.ts';

/**
 * Make a folder of mode 0700 with its parents; one that exists is fine. Rejects with the error of mkdir(2).
 *
 * Not Node's `recursive`: below a folder that exists and answers ENOENT all the same, as /proc does, that tries
 * for ever.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (!hasErrno(error, 'ENOENT') || parent === path) throw error;
    await makeFolder(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch(error => {
    if (!hasErrno(error, 'EEXIST')) throw error;
  });
}
