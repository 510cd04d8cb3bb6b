import type { CacheEntry } from './build/types.ts';
import type { Container } from './container/types.ts';
import type { Image } from './image/types.ts';
import type { ChainId, SnapshotInfo } from './snapshot/types.ts';

/** What takes how much of the disk, in bytes of content. */
export interface DiskUsage {
  readonly images: Usage;
  readonly containers: Usage & { readonly sizes: ReadonlyMap<string, number> };
  readonly volumes: Usage & { readonly sizes: ReadonlyMap<string, number> };
  readonly cache: Usage & { readonly entries: readonly CacheEntry[] };
}

export interface Usage {
  readonly count: number;
  readonly active: number;
  readonly bytes: number;
  /** What would be free without those that nothing uses. */
  readonly reclaimable: number;
}

/** Layers are counted once, however many images have them. */
export function usageOfImages(
  images: readonly Image[],
  {
    layers,
    containers,
  }: { readonly layers: readonly SnapshotInfo[]; readonly containers: readonly Container[] },
): Usage {
  const used = new Set(containers.map(container => container.image.id));
  const active = images.filter(image => used.has(image.id));
  const bytes = bytesOf(layersOf(images, layers), layers);
  return {
    count: images.length,
    active: active.length,
    bytes,
    reclaimable: bytes - bytesOf(layersOf(active, layers), layers),
  };
}

/** All layers that these images stand on. */
export function layersOf(
  images: readonly Pick<Image, 'chainId'>[],
  layers: readonly SnapshotInfo[],
): ReadonlySet<ChainId> {
  const byChain = new Map(layers.map(layer => [layer.chainId, layer]));
  const found = new Set<ChainId>();
  for (const { chainId } of images) {
    for (let at = chainId; at !== undefined && !found.has(at); at = byChain.get(at)?.parent) found.add(at);
  }
  return found;
}

function bytesOf(chainIds: ReadonlySet<ChainId>, layers: readonly SnapshotInfo[]): number {
  const counted = layers.filter(layer => chainIds.has(layer.chainId));
  return counted.reduce((sum, layer) => sum + layer.contentSize, 0);
}

/** Of things with a size of their own. `isActive` by the same key as `sizes`. */
export function usageOfSizes(sizes: ReadonlyMap<string, number>, isActive: (key: string) => boolean): Usage {
  let bytes = 0;
  let reclaimable = 0;
  let active = 0;
  for (const [key, size] of sizes) {
    bytes += size;
    if (isActive(key)) active += 1;
    else reclaimable += size;
  }
  return { count: sizes.size, active, bytes, reclaimable };
}

/** What images have as well is the images'. Several steps may share a layer. */
export function usageOfCache(entries: readonly CacheEntry[]): Usage {
  const own = new Map(
    entries.filter(entry => !entry.isShared).map(entry => [entry.chainId ?? entry.id, entry]),
  );
  const bytes = [...own.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  return { count: entries.length, active: 0, bytes, reclaimable: bytes };
}
