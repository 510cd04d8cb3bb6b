import { readdir } from 'node:fs/promises';
import type { Digest } from '../../common/digest.ts';
import type { ChainId, SnapshotInfo, SnapshotStore } from '../snapshot/types.ts';
import { unlessDamaged } from '../store/damage.ts';
import { readRecord, writeRecord } from '../store/records.ts';
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
      return layer?.parent === parent ? layer : undefined;
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
export async function cachedLayers({ paths }: Store): Promise<readonly Digest[]> {
  const names = (await readdir(paths.cache)).filter(name => /^step-.*\.json$/.test(name));
  const records = await Promise.all(
    names.map(name =>
      unlessDamaged(readRecord(paths.cacheRecord(name.slice(0, -'.json'.length)), stepRecord)),
    ),
  );
  return records.flatMap(record => (record ? [record.chainId] : []));
}
