import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Digest, digestHex } from '../../common/digest.ts';

/**
 * Where everything lies below SAMPAN_ROOT (ARCHITECTURE.md, "State on disk"). The only module that builds
 * store paths, so that a change of layout is a change here.
 */
export interface StorePaths {
  readonly root: string;
  readonly version: string;
  readonly lock: string;
  /** Unfinished writes; anything here may be deleted once its writer is gone. */
  readonly tmp: string;
  readonly blobs: string;
  readonly images: string;
  readonly references: string;
  readonly layers: string;
  readonly snapshots: string;
  readonly active: string;
  readonly cache: string;
  /** A record of the build cache; `name` is a kind and a hash. */
  cacheRecord(name: string): string;
  /** Folder of a `RUN --mount=type=cache`; `name` is a hash. */
  cacheMount(name: string): string;
  readonly containers: string;
  readonly volumes: string;
  readonly networks: string;
  /** The journal of events. */
  readonly events: string;
  /** One file per container name in use. */
  readonly names: string;
  /** Bottom layer of every container: empty places for the engine's own mounts. */
  readonly mountPoints: string;
  blob(digest: Digest): string;
  image(id: Digest): string;
  /** `canonical` is a reference in canonical form. */
  reference(canonical: string): string;
  layer(chainId: Digest): string;
  /** The number is short so that a long list of overlay lowers fits one mount option page. */
  snapshot(number: number): string;
  /** Change set of a snapshot: the overlay upper, and later lower. */
  snapshotFiles(number: number): string;
  snapshotWork(number: number): string;
  activeSnapshot(key: string): string;
  container(id: string): string;
  containerName(name: string): string;
  volume(name: string): string;
  network(name: string): string;
  temporary(name: string): string;
}

// A file name holds 255 bytes, a reference up to 450; `.json` and the margin are for temporary names.
const encodedNameMax = 200;

/** The paths of the store at `root`, an absolute path. */
export function storePaths(root: string): StorePaths {
  const folder = {
    tmp: join(root, 'tmp'),
    blobs: join(root, 'blobs', 'sha256'),
    images: join(root, 'images'),
    references: join(root, 'references'),
    layers: join(root, 'layers'),
    snapshots: join(root, 'snapshots'),
    active: join(root, 'active'),
    cache: join(root, 'cache'),
    containers: join(root, 'containers'),
    volumes: join(root, 'volumes'),
    networks: join(root, 'networks'),
    events: join(root, 'events'),
    names: join(root, 'names'),
    mountPoints: join(root, 'mountpoints'),
  };
  return {
    root,
    version: join(root, 'version'),
    lock: join(root, 'lock'),
    ...folder,
    blob: digest => join(folder.blobs, digestHex(digest)),
    image: id => join(folder.images, `${digestHex(id)}.json`),
    reference: canonical => join(folder.references, `${encodeName(canonical)}.json`),
    layer: chainId => join(folder.layers, `${digestHex(chainId)}.json`),
    snapshot: number => join(folder.snapshots, String(number)),
    snapshotFiles: number => join(folder.snapshots, String(number), 'fs'),
    snapshotWork: number => join(folder.snapshots, String(number), 'work'),
    cacheRecord: name => join(folder.cache, `${name}.json`),
    cacheMount: name => join(folder.cache, 'mounts', name),
    activeSnapshot: key => join(folder.active, `${encodeName(key)}.json`),
    container: id => join(folder.containers, id),
    containerName: name => join(folder.names, name),
    volume: name => join(folder.volumes, name),
    network: name => join(folder.networks, name),
    temporary: name => join(folder.tmp, name),
  };
}

/** The folders that a store must have, parents first. */
export function storeFolders(paths: StorePaths): readonly string[] {
  return [
    paths.root,
    paths.tmp,
    join(paths.root, 'blobs'),
    paths.blobs,
    paths.images,
    paths.references,
    paths.layers,
    paths.snapshots,
    paths.active,
    paths.cache,
    paths.containers,
    paths.volumes,
    paths.networks,
    paths.events,
    paths.names,
  ];
}

/** A readable file name where it fits, else a hash; records carry the true name inside. */
function encodeName(name: string): string {
  const encoded = encodeURIComponent(name).replace(/^\./, '%2E');
  if (encoded.length <= encodedNameMax) return encoded;
  return createHash('sha256').update(name).digest('hex');
}
