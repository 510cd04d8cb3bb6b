import { readdir } from 'node:fs/promises';
import type { Digest } from '../../common/digest.ts';
import type { ChainId, SnapshotInfo, SnapshotStore } from '../snapshot/types.ts';
import { unlessDamaged } from '../store/damage.ts';
import { readRecord, touchRecord, writeRecord } from '../store/records.ts';
import { digest, shape, text } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/**
 * What earlier builds made, by key: a step's layer, and the digest of what a COPY selects from a rootfs.
 * Losing a record only costs time, so a damaged one counts as missing.
 */
export interface BuildCache {
  /** The layer of a step on `parent`; undefined when there is none or it is gone from the store. */
  findStep(key: string, parent: ChainId | undefined): Promise<SnapshotInfo | undefined>;
  saveStep(key: string, step: { readonly chainId: ChainId; readonly name: string }): Promise<void>;
  /** A value that a key stands for, e.g. the digest of a selection in a rootfs that cannot change. */
  findFact(key: string): Promise<string | undefined>;
  saveFact(key: string, value: string): Promise<void>;
}

/** `step` records carry the step's name for whoever looks at the cache; nothing depends on it. */
const stepRecord = shape({ chainId: digest, name: text });
const factRecord = shape({ value: text });

export function openBuildCache({
  store,
  snapshots,
}: {
  readonly store: Store;
  readonly snapshots: Pick<SnapshotStore, 'get'>;
}): BuildCache {
  const { paths } = store;
  return {
    async findStep(key, parent) {
      const record = await unlessDamaged(readRecord(paths.cacheRecord(`step-${key}`), stepRecord));
      const layer = record && (await unlessDamaged(snapshots.get(record.chainId)));
      if (layer?.parent !== parent) return undefined;
      await touchRecord(paths.cacheRecord(`step-${key}`));
      return layer;
    },
    async saveStep(key, step) {
      await writeRecord(paths, paths.cacheRecord(`step-${key}`), step);
    },
    async findFact(key) {
      return (await unlessDamaged(readRecord(paths.cacheRecord(`fact-${key}`), factRecord)))?.value;
    },
    async saveFact(key, value) {
      await writeRecord(paths, paths.cacheRecord(`fact-${key}`), { value });
    },
  };
}

/** Layers that cached steps stand on: a collection that keeps the cache keeps these. */
export async function cachedLayers(store: Store): Promise<readonly Digest[]> {
  const names = await stepRecordNames(store);
  const records = await Promise.all(names.map(name => unlessDamaged(readStepRecord(store, name))));
  return records.flatMap(record => (record ? [record.chainId] : []));
}

/** Names of the records of steps: `step-` and the key. */
export async function stepRecordNames({ paths }: Store): Promise<readonly string[]> {
  const names = await readdir(paths.cache);
  return names.flatMap(name => /^(step-.*)\.json$/.exec(name)?.[1] ?? []);
}

export function readStepRecord(
  { paths }: Store,
  name: string,
): Promise<{ readonly chainId: ChainId; readonly name: string } | undefined> {
  return readRecord(paths.cacheRecord(name), stepRecord);
}
