import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { Digest } from '../../server/common/digest.ts';
import { encodeTarHeader, paddingOf } from '../../server/engine/image/archive/tarHeader.ts';
import { openImageContext } from '../../server/engine/image/context.ts';
import { openImageStore } from '../../server/engine/image/images.ts';
import type { FsSession } from '../../server/engine/runtime/types.ts';
import { openSnapshots } from '../../server/engine/snapshot/snapshots.ts';
import type { Store } from '../../server/engine/store/store.ts';
import { sha256 } from './store-support.ts';

/** Image and snapshot store over a store, with what others keep as a value that a test may change. */
export function openImages(store: Store, openFs: () => Promise<FsSession>) {
  const kept: { chainIds: Digest[]; images: Digest[] } = { chainIds: [], images: [] };
  const snapshots = openSnapshots({ store, openFs });
  const options = {
    store,
    snapshots,
    openFs,
    keep: async () => kept,
    warn: () => undefined,
  };
  return { images: openImageStore(options), context: openImageContext(options), snapshots, kept };
}

/** A plain tar of small files, named as given; a content of undefined makes a directory. */
export function tarOf(files: Readonly<Record<string, string | Uint8Array | undefined>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, given] of Object.entries(files)) {
    const content = Buffer.from(given ?? '');
    blocks.push(
      encodeTarHeader({ name, size: content.length, type: given === undefined ? 'directory' : 'file' }),
    );
    blocks.push(content, Buffer.alloc(paddingOf(content.length)));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A tar with one symbolic or hard link more. */
export function linkEntry(name: string, { type, target }: { type: '1' | '2'; target: string }): Buffer {
  const block = encodeTarHeader({ name, size: 0, type: 'file' });
  block.write(type, 156, 'latin1');
  block.write(target, 157, 'latin1');
  return resealed(block);
}

/** The header with its checksum made right again. */
export function resealed(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

export interface SampleImage {
  readonly layers: readonly Buffer[];
  readonly config: Buffer;
  readonly id: Digest;
}

/** An image of plain layer tars. */
export function sampleImage(layers: readonly Buffer[], config: object = {}): SampleImage {
  const document = Buffer.from(
    JSON.stringify({
      created: '2024-05-06T07:08:09Z',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
      history: layers.map((_, index) => ({ created_by: `layer ${index}` })),
      ...config,
    }),
  );
  return { layers, config: document, id: sha256(document) };
}

export const layoutFile = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** The files of an OCI layout with one image, layers gzipped. `change` may damage documents before digests are taken. */
export function ociLayout(
  image: SampleImage,
  options: { name?: string; refName?: string; nested?: boolean; plain?: boolean } = {},
): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = { 'oci-layout': layoutFile };
  const add = (content: Buffer, mediaType: string) => {
    files[`blobs/sha256/${sha256(content).slice(7)}`] = content;
    return { mediaType, digest: sha256(content), size: content.length };
  };
  const layerType = 'application/vnd.oci.image.layer.v1.tar';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: add(image.config, 'application/vnd.oci.image.config.v1+json'),
      layers: image.layers.map(layer =>
        options.plain ? add(layer, layerType) : add(gzipSync(layer), `${layerType}+gzip`),
      ),
    }),
  );
  const annotations = {
    ...(options.name ? { 'io.containerd.image.name': options.name } : {}),
    ...(options.refName ? { 'org.opencontainers.image.ref.name': options.refName } : {}),
  };
  let entry: object = add(manifest, 'application/vnd.oci.image.manifest.v1+json');
  if (options.nested) {
    const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const other = { ...entry, digest: sha256('elsewhere'), platform: { os: 'linux', architecture: 's390x' } };
    const attestation = {
      ...entry,
      digest: sha256('attestation'),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const mine = { ...entry, platform: { os: 'linux', architecture } };
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [attestation, other, mine] }));
    entry = add(index, 'application/vnd.oci.image.index.v1+json');
  }
  files['index.json'] = JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] });
  return files;
}

/** Path of a program, or undefined: tests that need it are skipped with that reason. */
export function findProgram(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
