import { type ActiveRecord, foldersOf, type LayerRecord } from './records.ts';
import type { ChainId } from './types.ts';

/** Pure decisions about what may go. */

/** The chains of `tops` down to their bottom layers. Unknown parents end a chain. */
export function closureOf(
  layers: ReadonlyMap<ChainId, Pick<LayerRecord, 'parent'>>,
  tops: Iterable<ChainId>,
): ReadonlySet<ChainId> {
  const marked = new Set<ChainId>();
  for (const top of tops) {
    for (
      let at: ChainId | undefined = top;
      at !== undefined && !marked.has(at);
      at = layers.get(at)?.parent
    ) {
      marked.add(at);
    }
  }
  return marked;
}

/** `chainIds` so that a layer comes before its parent: deletion that stops halfway leaves no orphan. */
export function childrenFirst(
  layers: ReadonlyMap<ChainId, Pick<LayerRecord, 'parent'>>,
  chainIds: Iterable<ChainId>,
): readonly ChainId[] {
  const depth = (chainId: ChainId): number => {
    let steps = 0;
    for (let at: ChainId | undefined = chainId; at !== undefined; at = layers.get(at)?.parent) steps += 1;
    return steps;
  };
  return [...chainIds].sort((a, b) => depth(b) - depth(a));
}

/** Numbers of the folders that records need. */
export function usedFolders(records: Iterable<LayerRecord | ActiveRecord>): ReadonlySet<number> {
  const used = new Set<number>();
  for (const record of records) for (const folder of foldersOf(record)) used.add(folder);
  return used;
}

/** What a crashed process left behind. */
export interface Leftovers {
  /** Active records whose upper is a committed layer already, or whose owner is gone. */
  readonly records: readonly ActiveRecord[];
  /** Numbers of snapshot folders that nothing will point at. */
  readonly folders: readonly number[];
}

/** `owned` are the keys of active snapshots that are still wanted. */
export function findLeftovers(state: {
  readonly layers: readonly LayerRecord[];
  readonly actives: readonly ActiveRecord[];
  readonly folders: readonly number[];
  readonly owned: ReadonlySet<string>;
}): Leftovers {
  const committed = new Set(state.layers.map(layer => layer.snapshot));
  // A commit writes the layer's record before it deletes the active one: between them both name the folder.
  const records = state.actives.filter(one => committed.has(one.snapshot) || !state.owned.has(one.key));
  const gone = new Set(records);
  const kept = state.actives.filter(active => !gone.has(active));
  const used = usedFolders([...state.layers, ...kept]);
  return { records, folders: state.folders.filter(number => !used.has(number)) };
}
