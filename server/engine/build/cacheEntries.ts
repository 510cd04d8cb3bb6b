import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Native } from '../native.ts';
import type { FsSession } from '../runtime/types.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import { unlessDamaged } from '../store/damage.ts';
import { hasErrno } from '../store/failure.ts';
import { recordTime, removeRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { readStepRecord, stepRecordNames } from './buildCache.ts';
import type { CacheEntry } from './types.ts';

/** The parts that the cache lies in. */
export interface CacheParts {
  readonly store: Store;
  readonly native: Pick<Native, 'tryLockFile'>;
  readonly openFs: () => Promise<FsSession>;
}

/**
 * What the build cache holds: the layers of steps (several steps may have made the same one), and the folders
 * of `RUN --mount=type=cache`. `layers` are all of the store, `shared` those that images stand on.
 */
export async function listCache(
  { store, openFs }: Omit<CacheParts, 'native'>,
  layers: { readonly all: readonly SnapshotInfo[]; readonly shared: ReadonlySet<ChainId> },
): Promise<readonly CacheEntry[]> {
  const [steps, mounts] = await Promise.all([listSteps(store, layers), listMounts(store, openFs)]);
  return [...steps, ...mounts].sort((a, b) => (a.usedAt < b.usedAt ? 1 : -1));
}

/** The record of a step. Its layer stays until a collection. */
export async function removeStep({ paths }: Store, key: string): Promise<void> {
  await removeRecord(paths.cacheRecord(`step-${key}`));
}

/**
 * Forget what was not written since `latest` (milliseconds since 1970) of the records that are about cached steps: what
 * they were made from and how that was found, and the blobs that their layers were packed into.
 */
export async function removeNotes({ paths }: Store, latest: number): Promise<void> {
  for (const file of await readdir(paths.cache)) {
    const name = /^((?:trace|packed|fact|context|selections|tree)-.*)\.json$/.exec(file)?.[1];
    if (name === undefined) continue;
    const path = paths.cacheRecord(name);
    if (((await recordTime(path)) ?? 0) <= latest) await removeRecord(path);
  }
}

/** In the folder of a cache mount: held shared by who uses it, exclusively by who empties it. */
export const useLock = 'use';

/** What is in a cache mount; its folder stays, for whoever waits for its locks. False when a build is using it. */
export async function emptyMount({ store, native, openFs }: CacheParts, name: string): Promise<boolean> {
  const folder = store.paths.cacheMount(name);
  const lock = await native.tryLockFile(join(folder, useLock), 'exclusive');
  if (lock === undefined) return false;
  const session = await openFs();
  try {
    await session.removeTree(['upper', 'work'].map(one => join(folder, one)));
    return true;
  } finally {
    await session.close();
    lock.release();
  }
}

async function listSteps(
  store: Store,
  layers: { readonly all: readonly SnapshotInfo[]; readonly shared: ReadonlySet<ChainId> },
): Promise<readonly CacheEntry[]> {
  const byChain = new Map(layers.all.map(layer => [layer.chainId, layer]));
  const entries = await Promise.all(
    (await stepRecordNames(store)).map(async (name): Promise<CacheEntry | undefined> => {
      const record = await unlessDamaged(readStepRecord(store, name));
      const usedAt = await recordTime(store.paths.cacheRecord(name));
      const layer = record && byChain.get(record.chainId);
      if (record === undefined || usedAt === undefined) return undefined;
      return {
        id: name.slice('step-'.length),
        kind: 'step',
        description: record.name,
        // A step whose layer is gone is never found again.
        bytes: layer?.contentSize ?? 0,
        usedAt: new Date(usedAt).toISOString(),
        isShared: layers.shared.has(record.chainId),
        chainId: record.chainId,
      };
    }),
  );
  return entries.filter(entry => entry !== undefined);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function listMounts(store: Store, openFs: CacheParts['openFs']): Promise<readonly CacheEntry[]> {
  const names = await readdir(store.paths.cacheMount('.')).catch(error => {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  });
  if (names.length === 0) return [];
  const session = await openFs();
  try {
    const entries: CacheEntry[] = [];
    for (const name of names) {
      const folder = store.paths.cacheMount(name);
      const used = await stat(folder).catch(() => undefined);
      // Without files it was emptied.
      if (used === undefined || !(await exists(join(folder, 'upper')))) continue;
      const bytes = await session.measure([join(folder, 'upper', 'data')]);
      const usedAt = used.mtime.toISOString();
      entries.push({ id: name, kind: 'mount', description: 'cache mount', bytes, usedAt, isShared: false });
    }
    return entries;
  } finally {
    await session.close();
  }
}
