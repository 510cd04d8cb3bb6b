import type { StorePaths } from '../store/paths.ts';
import { type Checked, count, digest, listOf, optional, shape, text } from '../store/schema.ts';
import type { ActiveSnapshot, SnapshotInfo } from './types.ts';

/** `layers/<chainID>.json`: written once, never changed. */
export const layerRecord = shape({
  chainId: digest,
  diffId: digest,
  parent: optional(digest),
  /** Number of the folder below `snapshots`. */
  snapshot: count,
  /** Folders that this one is a difference to, topmost first. */
  under: optional(listOf(count)),
  tarSize: count,
  contentSize: count,
  createdAt: text,
  blob: optional(shape({ mediaType: text, digest, size: count })),
});

export type LayerRecord = Checked<typeof layerRecord>;

/** `active/<key>.json`. */
export const activeRecord = shape({
  key: text,
  parent: optional(digest),
  snapshot: count,
  under: optional(listOf(count)),
  /** Who made it: an upper without another owner lives as long as this process. */
  creator: shape({ pid: count, startTime: text, bootId: text }),
});

export type ActiveRecord = Checked<typeof activeRecord>;

export function snapshotInfo(paths: StorePaths, record: LayerRecord): SnapshotInfo {
  const { snapshot, under = [], ...rest } = record;
  return { ...rest, directories: [paths.snapshotFiles(snapshot), ...under.map(paths.snapshotFiles)] };
}

/** Numbers of the folders that a record needs. */
export function foldersOf({ snapshot, under = [] }: LayerRecord | ActiveRecord): readonly number[] {
  return [snapshot, ...under];
}

/** `lowers` are those of the record's parent, topmost first. */
export function activeSnapshot(
  paths: StorePaths,
  record: ActiveRecord,
  lowers: readonly string[],
): ActiveSnapshot {
  const upper = paths.snapshotFiles(record.snapshot);
  const work = paths.snapshotWork(record.snapshot);
  const under = (record.under ?? []).map(paths.snapshotFiles);
  return { key: record.key, parent: record.parent, layers: { lowers: [...under, ...lowers], upper, work } };
}
