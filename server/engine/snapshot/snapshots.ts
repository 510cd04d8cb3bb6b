import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Digest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import type { FsSession, LayerInfo } from '../runtime/types.ts';
import { unlessDamaged } from '../store/damage.ts';
import { currentOwner, isOwnerAlive } from '../store/owner.ts';
import {
  createRecord,
  listRecords,
  readRecord,
  recordTime,
  removeEmptyRecords,
  removeRecord,
  touchRecord,
  writeRecord,
} from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { chainIdOf } from './chain.ts';
import { openFolders } from './folders.ts';
import { childrenFirst, closureOf, findLeftovers, usedFolders } from './plan.ts';
import { openReaper } from './reaper.ts';
import {
  type ActiveRecord,
  activeRecord,
  activeSnapshot,
  foldersOf,
  type LayerRecord,
  layerRecord,
  snapshotInfo,
} from './records.ts';
import type {
  ActiveSnapshot,
  AppliedLayer,
  ChainId,
  LayerBlob,
  SnapshotInfo,
  SnapshotStore,
} from './types.ts';

/** The snapshot store with what only its owners (images, the engine) need. */
export interface Snapshots extends SnapshotStore {
  list(): Promise<readonly SnapshotInfo[]>;
  /** Keep these layers from the next collections for the grace time. */
  touch(chainIds: readonly ChainId[]): Promise<void>;
  /**
   * Delete the layers that neither `keep` nor an active snapshot nor another layer stands on and that were
   * not used for `graceMs`; with `among` only those. The caller holds the store's lock exclusively. Files
   * go in the background.
   */
  sweep(options: {
    readonly keep: readonly ChainId[];
    readonly among?: readonly ChainId[];
    readonly graceMs: number;
  }): Promise<readonly SnapshotInfo[]>;
  /**
   * Delete what crashed processes left: call it once after a start, in the background. `isOwned` says
   * whether the upper with that key is still wanted when the process that made it is gone (a container's
   * is as long as the container exists); those of living processes are never touched. It must look now, not
   * in a list made before: a container may have been created, and its creator have ended, since then.
   */
  recover(isOwned: (key: string) => Promise<boolean>): Promise<void>;
  /** Wait until all deleted files are gone. */
  close(): Promise<void>;
}

/**
 * The snapshots of a store. `openFs` gives sessions for deleting files in the background; `onError` hears
 * when that fails, `onWarning` what of a layer could not be unpacked here.
 */
export function openSnapshots(options: {
  readonly store: Store;
  readonly openFs: () => Promise<FsSession>;
  readonly onError?: (error: unknown) => void;
  readonly onWarning?: (message: string) => void;
}): Snapshots {
  const { store } = options;
  const { paths } = store;
  const folders = openFolders(paths);
  const reaper = openReaper({ openFs: options.openFs, onError: options.onError ?? (() => {}) });

  /** Layers that were found with all their folders. A record never changes. */
  const whole = new Map<ChainId, LayerRecord>();
  const readLayer = (chainId: ChainId) => readRecord(paths.layer(chainId), layerRecord);
  const readActive = (key: string) => readRecord(paths.activeSnapshot(key), activeRecord);

  async function needLayer(chainId: ChainId): Promise<LayerRecord> {
    const record = await readLayer(chainId);
    if (record === undefined) throw missingLayer(paths.layer(chainId), chainId);
    return record;
  }

  async function lowers(chainId: ChainId | undefined): Promise<readonly string[]> {
    const chain: LayerRecord[] = [];
    // The top is looked at each time: as long as it is there, so is all that it stands on.
    for (let at = chainId; at !== undefined; at = chain.at(-1)?.parent)
      chain.push((chain.length > 0 ? whole.get(at) : undefined) ?? (await needLayer(at)));
    const unseen = chain.filter((record, index) => index === 0 || !whole.has(record.chainId));
    await Promise.all(unseen.flatMap(foldersOf).map(paths.snapshotFiles).map(needFolder));
    for (const record of unseen) whole.set(record.chainId, record);
    return chain.flatMap(foldersOf).map(paths.snapshotFiles);
  }

  async function needFolder(path: string): Promise<void> {
    await access(path).catch(() => Promise.reject(missingLayer(path, path)));
  }

  /** Make the folders and the record of an upper. From then on its parents are safe from a sweep. */
  async function claim(
    key: string,
    parent: ChainId | undefined,
    { over, ...durability }: { readonly sync: boolean; readonly over?: ChainId | undefined },
  ): Promise<ActiveRecord> {
    return store.lock('shared', async () => {
      if ((await readActive(key)) !== undefined) throw keyTaken(key);
      const below = parent && (await needLayer(parent));
      const base = over && (await needLayer(over));
      const beneath = base ?? below;
      const snapshot = await folders.create(beneath && paths.snapshotFiles(beneath.snapshot));
      const under = base && [...foldersOf(base)];
      const record: ActiveRecord = { key, parent, snapshot, under, creator: currentOwner() };
      if (await createRecord(paths, paths.activeSnapshot(key), record, durability)) return record;
      reaper.remove([paths.snapshot(snapshot)]);
      throw keyTaken(key);
    });
  }

  async function prepare(
    key: string,
    parent: ChainId | undefined,
    { transient = false, over }: { readonly transient?: boolean; readonly over?: ChainId } = {},
  ): Promise<ActiveSnapshot> {
    const record = await claim(key, parent, { sync: !transient, over });
    try {
      return activeSnapshot(paths, record, await lowers(parent));
    } catch (error) {
      await remove(key);
      throw error;
    }
  }

  /** Give an upper its name for ever, or throw it away for the one that has it. */
  async function publish(
    own: ActiveRecord,
    layer: Omit<LayerInfo, 'entries'> & { readonly blob?: LayerBlob | undefined },
  ): Promise<SnapshotInfo> {
    const chainId = chainIdOf(own.parent, layer.diffId);
    return store.lock('shared', async () => {
      const record: LayerRecord = {
        chainId,
        diffId: layer.diffId,
        parent: own.parent,
        snapshot: own.snapshot,
        under: own.under,
        tarSize: layer.tarSize,
        contentSize: layer.contentSize,
        createdAt: new Date().toISOString(),
        blob: layer.blob,
      };
      const created = await createRecord(paths, paths.layer(chainId), record);
      const existing = created ? undefined : await unlessDamaged(readLayer(chainId));
      // One that cannot be read is replaced by this one.
      if (!created && existing === undefined) await writeRecord(paths, paths.layer(chainId), record);
      await forget(own.key);
      if (existing === undefined) {
        reaper.remove([paths.snapshotWork(own.snapshot)]);
        return snapshotInfo(paths, record);
      }
      reaper.remove([paths.snapshot(own.snapshot)]);
      await touchRecord(paths.layer(chainId));
      return snapshotInfo(paths, existing);
    });
  }

  async function graft(layer: ChainId, parent: ChainId): Promise<SnapshotInfo> {
    return store.lock('shared', async () => {
      const own = await needLayer(layer);
      await needLayer(parent);
      const chainId = chainIdOf(parent, own.diffId);
      const record: LayerRecord = { ...own, chainId, parent, createdAt: new Date().toISOString() };
      if (await createRecord(paths, paths.layer(chainId), record)) return snapshotInfo(paths, record);
      const existing = await unlessDamaged(readLayer(chainId));
      if (existing === undefined) await writeRecord(paths, paths.layer(chainId), record);
      return snapshotInfo(paths, existing ?? record);
    });
  }

  async function apply(
    session: FsSession,
    layer: AppliedLayer,
    tar: AsyncIterable<Uint8Array>,
  ): Promise<SnapshotInfo> {
    const key = `apply-${randomBytes(8).toString('hex')}`;
    const active = await claim(key, layer.parent, { sync: false });
    try {
      const unpacked = await session.applyLayer(paths.snapshotFiles(active.snapshot), tar);
      if (unpacked.diffId !== layer.diffId) throw wrongDiffId(layer.diffId, unpacked.diffId);
      for (const warning of unpacked.warnings ?? []) options.onWarning?.(warning);
      return await publish(active, { ...unpacked, blob: layer.blob });
    } catch (error) {
      await remove(key);
      throw error;
    }
  }

  async function remove(key: string): Promise<void> {
    const record = await unlessDamaged(readActive(key));
    await forget(key);
    // Of a damaged one nobody knows the files: the next recovery finds that nothing points at them.
    if (record !== undefined) reaper.remove([paths.snapshot(record.snapshot)]);
  }

  /** Without waiting for the disk: should a power cut bring the record back, a recovery removes it again. */
  function forget(key: string): Promise<void> {
    return removeRecord(paths.activeSnapshot(key), { sync: false });
  }

  async function readState() {
    const layers = await listRecords(paths.layers, layerRecord);
    const actives = await listRecords(paths.active, activeRecord);
    return { layers, actives, byChain: new Map(layers.map(layer => [layer.chainId, layer])) };
  }

  async function sweep(request: {
    readonly keep: readonly ChainId[];
    readonly among?: readonly ChainId[];
    readonly graceMs: number;
  }): Promise<readonly SnapshotInfo[]> {
    const { byChain, actives } = await readState();
    const parents = actives.flatMap(one => one.parent ?? []);
    const oldest = Date.now() - request.graceMs;
    const candidates = new Set(request.among ?? byChain.keys());
    const others: ChainId[] = [];
    for (const chainId of byChain.keys()) {
      const usedAt = (await recordTime(paths.layer(chainId))) ?? 0;
      if (!candidates.has(chainId) || usedAt > oldest) others.push(chainId);
    }
    const kept = closureOf(byChain, [...request.keep, ...parents, ...others]);
    const removed: SnapshotInfo[] = [];
    const gone = new Set<number>();
    for (const chainId of childrenFirst(
      byChain,
      [...byChain.keys()].filter(one => !kept.has(one)),
    )) {
      const record = byChain.get(chainId);
      if (record === undefined) continue;
      await removeRecord(paths.layer(chainId));
      byChain.delete(chainId);
      whole.delete(chainId);
      for (const folder of foldersOf(record)) gone.add(folder);
      removed.push(snapshotInfo(paths, record));
    }
    const used = usedFolders([...byChain.values(), ...actives]);
    reaper.remove([...gone].filter(folder => !used.has(folder)).map(paths.snapshot));
    return removed;
  }

  async function recover(isOwned: (key: string) => Promise<boolean>): Promise<void> {
    await store.lock('exclusive', async () => {
      await removeEmptyRecords(paths.active);
      const { layers, actives } = await readState();
      const owned = new Set<string>();
      for (const { key, creator } of actives) {
        // In this order: once the creator is gone, the record that would own its upper is written or never will be.
        if (isOwnerAlive(creator) || (await isOwned(key))) owned.add(key);
      }
      const leftovers = findLeftovers({ layers, actives, folders: await folders.list(), owned });
      for (const record of leftovers.records) await forget(record.key);
      reaper.remove(leftovers.folders.map(paths.snapshot));
    });
    await store.clean();
  }

  return {
    async get(chainId) {
      const record = await unlessDamaged(readLayer(chainId));
      return record && snapshotInfo(paths, record);
    },
    lowers,
    prepare,
    async active(key) {
      const record = await readActive(key);
      return record && activeSnapshot(paths, record, await lowers(record.parent));
    },
    async commit(session, { key, layers }, layer) {
      const active = await readActive(key);
      if (active === undefined) throw unknownKey(key);
      const directories = [layers.upper, ...(active.under ?? []).map(paths.snapshotFiles)];
      return publish(active, layer ?? (await session.diffLayer(directories)));
    },
    graft,
    apply,
    remove,
    async list() {
      return (await listRecords(paths.layers, layerRecord)).map(record => snapshotInfo(paths, record));
    },
    async touch(chainIds) {
      await Promise.all(chainIds.map(chainId => touchRecord(paths.layer(chainId))));
    },
    sweep,
    recover,
    close: () => reaper.drain(),
  };
}

function missingLayer(path: string, what: string): SampanError {
  return new SampanError('store-corrupt', `The layer ${what} is missing in the store (${path}).`, {
    hint: 'Remove the image that it belongs to and pull, load or build it again.',
    detail: { path },
  });
}

function wrongDiffId(wanted: Digest, got: Digest): SampanError {
  return new SampanError(
    'image-invalid',
    `A layer is not what its image says: its content has the diffID ${got} where ${wanted} was promised.`,
    { hint: 'The image was damaged or made wrongly: get it again from its source.', detail: { wanted, got } },
  );
}

function keyTaken(key: string): SampanError {
  return new SampanError('conflict', `There is a writable snapshot for ${key} already.`, { detail: { key } });
}

function unknownKey(key: string): SampanError {
  return new SampanError('not-found', `There is no writable snapshot for ${key}.`, { detail: { key } });
}
