import type { ContainerInfo, ImageSummary, NetworkInfo, VolumeInfo } from '../../server/protocol/types.ts';

/** A running container with what a test says otherwise. */
export function container(changes: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    id: 'c0ffee000000000000000000000000000000000000000000000000000000cafe',
    name: 'web',
    image: { id: `sha256:${'a'.repeat(64)}`, reference: 'app:latest' },
    options: { image: 'app:latest' },
    config: {},
    args: ['httpd', '-f'],
    status: 'running',
    restartCount: 0,
    createdAt: '2026-01-02T03:04:05Z',
    startedAt: '2026-01-02T03:04:06Z',
    network: { name: 'bridge', address: '10.88.0.2' },
    ports: [],
    mounts: [],
    links: [],
    directory: '/state/containers/c0ffee',
    warnings: [],
    ...changes,
  };
}

export function image(changes: Partial<ImageSummary> = {}): ImageSummary {
  return {
    id: `sha256:${'a'.repeat(64)}`,
    tags: ['app:latest'],
    repoDigests: [],
    size: 4_260_000,
    createdAt: '2026-01-02T03:04:05Z',
    containers: [],
    exposedPorts: [],
    volumes: [],
    labels: {},
    ...changes,
  };
}

export function volume(changes: Partial<VolumeInfo> = {}): VolumeInfo {
  return {
    name: 'data',
    mountpoint: '/state/volumes/data/data',
    labels: {},
    anonymous: false,
    createdAt: '2026-01-02T03:04:05Z',
    containers: [],
    ...changes,
  };
}

export function network(changes: Partial<NetworkInfo> = {}): NetworkInfo {
  return {
    name: 'bridge',
    id: 'b1',
    createdAt: '2026-01-01T00:00:00Z',
    driver: 'bridge',
    subnet: '10.88.0.0/16',
    containers: [],
    ...changes,
  };
}
