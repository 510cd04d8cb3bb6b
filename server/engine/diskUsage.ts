import { listCache } from './build/cacheEntries.ts';
import type { ContainerService } from './container/types.ts';
import type { ImageStore } from './image/types.ts';
import type { FsSession } from './runtime/types.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import type { Store } from './store/store.ts';
import { type DiskUsage, layersOf, usageOfCache, usageOfImages, usageOfSizes } from './usage.ts';
import type { VolumeService } from './volume/types.ts';

/** The parts that take disk. */
export interface UsageParts {
  readonly store: Store;
  readonly images: Pick<ImageStore, 'list'>;
  readonly containers: Pick<ContainerService, 'list'>;
  readonly volumes: Pick<VolumeService, 'list'>;
  readonly snapshots: Pick<Snapshots, 'list' | 'active'>;
  readonly openFs: () => Promise<FsSession>;
}

/** Measures everything. Throws `store-corrupt` when something cannot be read: what it stands on would seem free. */
export async function diskUsage(parts: UsageParts): Promise<DiskUsage> {
  const [images, containers, volumes, layers] = await Promise.all([
    parts.images.list(),
    parts.containers.list({ all: true }),
    parts.volumes.list(),
    parts.snapshots.list(),
  ]);
  const entries = await listCache(parts, { all: layers, shared: layersOf(images, layers) });
  const session = await parts.openFs();
  try {
    const ofContainers = new Map<string, number>();
    for (const { id } of containers) {
      const active = await parts.snapshots.active(id);
      ofContainers.set(id, active ? await session.measure([active.layers.upper]) : 0);
    }
    const ofVolumes = new Map<string, number>();
    for (const { name, mountpoint } of volumes) ofVolumes.set(name, await session.measure([mountpoint]));
    const running = new Set(
      containers.filter(one => one.status === 'running' || one.status === 'paused').map(one => one.id),
    );
    const mounted = new Set(containers.flatMap(one => one.mounts.flatMap(mount => mount.volume ?? [])));
    return {
      images: usageOfImages(images, { layers, containers }),
      containers: { ...usageOfSizes(ofContainers, id => running.has(id)), sizes: ofContainers },
      volumes: { ...usageOfSizes(ofVolumes, name => mounted.has(name)), sizes: ofVolumes },
      cache: { ...usageOfCache(entries), entries },
    };
  } finally {
    await session.close();
  }
}
