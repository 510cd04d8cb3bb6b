import type { SampanError } from '../common/errors.ts';
import { familiarReference, parseReference } from '../common/reference.ts';
import type { CacheEntry as Entry } from '../engine/build/types.ts';
import type { Container } from '../engine/container/types.ts';
import type { Image, ImageLayer } from '../engine/image/types.ts';
import type { EngineEvent } from '../engine/journal/event.ts';
import type { EngineInfo as Info } from '../engine/types.ts';
import type { DiskUsage as Usage } from '../engine/usage.ts';
import type { Volume } from '../engine/volume/types.ts';
import type {
  CacheEntry,
  ContainerInfo,
  DamagedObject,
  DiskUsage,
  EngineInfo,
  ImageDetail,
  ImageSummary,
  StoreEvent,
  VolumeInfo,
} from '../protocol/types.ts';
import { protocolVersion } from '../protocol/version.ts';

export function toDiskUsage({ images, containers, volumes, cache }: Usage): DiskUsage {
  return {
    images,
    containers: { ...containers, sizes: Object.fromEntries(containers.sizes) },
    volumes: { ...volumes, sizes: Object.fromEntries(volumes.sizes) },
    cache: { ...cache, entries: cache.entries.map(toCacheEntry) },
  };
}

export function toCacheEntry({ chainId: _, ...entry }: Entry): CacheEntry {
  return entry;
}

export function toContainerInfo(container: Container): ContainerInfo {
  return { ...container, config: { ...container.config } };
}

/** `containers` are all containers: those of the image are picked. */
export function toImageSummary(image: Image, containers: readonly Container[]): ImageSummary {
  const config = image.config.config;
  return {
    id: image.id,
    tags: image.tags.map(toFamiliar),
    repoDigests: image.repoDigests.map(toFamiliar),
    size: image.size,
    createdAt: image.createdAt,
    containers: containers.filter(container => container.image.id === image.id).map(({ name }) => name),
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    volumes: Object.keys(config?.Volumes ?? {}),
    labels: config?.Labels ?? {},
  };
}

export function toImageDetail(
  image: Image,
  {
    layers,
    containers,
  }: { readonly layers: readonly ImageLayer[]; readonly containers: readonly Container[] },
): ImageDetail {
  // OCI image-spec config.md: history entries that are not empty stand for the layers, in order.
  const made = (image.config.history ?? []).filter(entry => !entry.empty_layer);
  return {
    ...toImageSummary(image, containers),
    config: image.config,
    layers: layers.map((layer, index) => ({
      ...layer,
      createdBy: made[index]?.created_by ?? '',
    })),
  };
}

/** `containers` are all containers: those that mount the volume are named. */
export function toVolumeInfo(volume: Volume, containers: readonly Container[]): VolumeInfo {
  const users = containers.filter(({ mounts }) => mounts.some(mount => mount.volume === volume.name));
  return { ...volume, containers: users.map(({ name }) => name) };
}

export function toEngineInfo(info: Info): EngineInfo {
  const { warnings, ...host } = info.host;
  return {
    ...info,
    protocol: protocolVersion,
    host,
    warnings: [...new Set([...warnings, ...info.warnings])],
  };
}

export function toStoreEvent({ type, action, actor, time }: EngineEvent): StoreEvent {
  return { type, action, id: actor.id, attributes: actor.attributes, timeNano: String(time) };
}

/** The damage of a survey as a list carries it. */
export function toDamaged(errors: readonly SampanError[]): readonly DamagedObject[] {
  return errors.map(({ message, hint = '', detail }) => ({
    kind: detail.kind as DamagedObject['kind'],
    id: String(detail.id),
    message,
    hint,
  }));
}

/** `busybox:1` for `docker.io/library/busybox:1`. */
export function toFamiliar(canonical: string): string {
  return familiarReference(parseReference(canonical));
}
