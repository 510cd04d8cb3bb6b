import { readdir, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LockMode } from '../native.ts';
import { type BlobStore, openBlobs } from './blobs.ts';
import { type FileLocks, withLock } from './lock.ts';
import { isAbandoned, isPartial } from './partial.ts';
import { type StorePaths, storePaths } from './paths.ts';
import { prepareStore } from './version.ts';

/** What lies on disk, opened: the ground that snapshots, images, containers and volumes stand on. */
export interface Store {
  readonly paths: StorePaths;
  readonly blobs: BlobStore;
  /**
   * The one lock of the store. Readers need none. Who adds a record that points at another (an image at its
   * layers) holds it `shared` from checking the other to writing the record; who deletes holds it `exclusive`
   * from looking for users to deleting the record. Both for milliseconds only, never across a download.
   */
  lock<T>(mode: LockMode, work: () => Promise<T>): Promise<T>;
  /** Delete leftovers of dead processes in tmp; unfinished downloads stay resumable for a week. */
  clean(): Promise<void>;
}

const partialLifetimeMs = 7 * 24 * 3600 * 1000;

/**
 * Open the store at `root`, creating what is missing (0700). `locks` is the addon.
 * Throws `version-mismatch` for a store of a newer Sampan, `invalid-argument` for a folder with other
 * things in it, `store-corrupt`, `disk-full`, `unsupported` (no permission).
 */
export async function openStore(options: {
  readonly root: string;
  readonly locks: FileLocks;
}): Promise<Store> {
  const paths = storePaths(resolve(options.root));
  await prepareStore(paths);
  return {
    paths,
    blobs: openBlobs(paths),
    lock: (mode, work) => withLock(options.locks, { path: paths.lock, mode }, work),
    clean: () => cleanTemporary(paths),
  };
}

async function cleanTemporary(paths: StorePaths): Promise<void> {
  for (const name of await readdir(paths.tmp)) {
    if (!isAbandoned(paths, name)) continue;
    const path = paths.temporary(name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    if (isPartial(name) && Date.now() - found.mtimeMs < partialLifetimeMs) continue;
    await rm(path, { force: true, recursive: true });
  }
}
