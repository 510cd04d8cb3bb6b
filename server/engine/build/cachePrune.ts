import type { ImageStore } from '../image/types.ts';
import type { Snapshots } from '../snapshot/snapshots.ts';
import { layersOf } from '../usage.ts';
import { type CacheParts, emptyMount, listCache, removeNotes, removeStep } from './cacheEntries.ts';
import type { CacheEntry } from './types.ts';

/** What of the cache shall go. */
export interface CachePolicy {
  /** Also steps whose layer an image has: the layer stays, the next build makes the step again. */
  readonly all: boolean;
  /** Only what was not used for this long, in milliseconds. */
  readonly unusedMs?: number;
  /** The entries used last, up to this many bytes together, stay. */
  readonly keepBytes?: number;
}

/** The entries that a policy removes, least recently used first. `now` is in milliseconds since 1970. */
export function chosenForPrune(
  entries: readonly CacheEntry[],
  { all, unusedMs = 0, keepBytes = 0 }: CachePolicy,
  now: number,
): readonly CacheEntry[] {
  const latest = new Date(now - unusedMs).toISOString();
  let kept = 0;
  const chosen: CacheEntry[] = [];
  for (const entry of entries.toSorted((a, b) => (a.usedAt < b.usedAt ? 1 : -1))) {
    const isCandidate = (all || !entry.isShared) && (unusedMs === 0 || entry.usedAt <= latest);
    if (entry.isShared && !all) continue;
    kept += entry.bytes;
    if (isCandidate && (keepBytes === 0 || kept > keepBytes)) chosen.push(entry);
  }
  return chosen.reverse();
}

/**
 * Remove what the policy chooses, and the layers that nothing else needs. Returns the entries that went and
 * the bytes that are free now. Throws `store-corrupt` beside damage: what it stands on is not known.
 */
export async function pruneCache(
  parts: CacheParts & {
    readonly images: Pick<ImageStore, 'list' | 'collect'>;
    readonly snapshots: Pick<Snapshots, 'list'>;
  },
  policy: CachePolicy,
): Promise<{ readonly entries: readonly CacheEntry[]; readonly bytes: number }> {
  const [images, layers] = await Promise.all([parts.images.list(), parts.snapshots.list()]);
  const listed = await listCache(parts, { all: layers, shared: layersOf(images, layers) });
  const gone: CacheEntry[] = [];
  let bytes = 0;
  for (const entry of chosenForPrune(listed, policy, Date.now())) {
    if (entry.kind === 'step') await removeStep(parts.store, entry.id);
    else if (await emptyMount(parts, entry.id)) bytes += entry.bytes;
    else continue;
    gone.push(entry);
  }
  // Without a bound on size all that is old enough goes, and what was noted about it.
  if (!policy.keepBytes) await removeNotes(parts.store, Date.now() - (policy.unusedMs ?? 0));
  const atOnce = gone.flatMap(entry => entry.chainId ?? []);
  const collected = await parts.images.collect({ atOnce });
  return { entries: gone, bytes: bytes + collected.bytes };
}
