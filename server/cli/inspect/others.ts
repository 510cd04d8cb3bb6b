import type { ImageDetail, NetworkInfo, VolumeInfo } from '../../protocol/types.ts';

interface OciConfig {
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly config?: object;
  readonly history?: readonly { readonly comment?: string }[];
}

/** An image as `docker image inspect` shows it. */
export function imageDocument(image: ImageDetail): object {
  const config = image.config as OciConfig;
  return {
    Id: image.id,
    RepoTags: image.tags,
    RepoDigests: image.repoDigests,
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: image.createdAt,
    DockerVersion: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    GraphDriver: { Data: null, Name: 'overlay' },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    Config: config.config ?? {},
  };
}

export function volumeDocument(volume: VolumeInfo): object {
  return {
    CreatedAt: volume.createdAt,
    Driver: 'local',
    Labels: Object.keys(volume.labels).length === 0 ? null : volume.labels,
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Options: null,
    Scope: 'local',
  };
}

export function networkDocument(network: NetworkInfo): object {
  const { subnet, gateway } = network;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: 'local',
    Driver: network.driver === 'none' ? 'null' : network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: subnet === undefined ? [] : [{ Subnet: subnet, ...(gateway ? { Gateway: gateway } : {}) }],
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    Containers: Object.fromEntries(
      network.containers.map(({ id, name, address }) => [id, { Name: name, IPv4Address: address }]),
    ),
    Options: {},
    Labels: {},
  };
}
