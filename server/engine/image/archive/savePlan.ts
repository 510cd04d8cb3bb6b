import { type Digest, digestHex } from '../../../common/digest.ts';
import { normalizePlatform } from '../../../common/platform.ts';
import { familiarReference, parseReference } from '../../../common/reference.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import { ociIndex } from '../media-types.ts';
import type { Descriptor, ImageConfig } from '../types.ts';

/** One image as it will stand in the archive. All its blobs are named `blobs/sha256/<hex>`. */
export interface SavedImage {
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly manifest: LayerBlob;
  readonly layers: readonly LayerBlob[];
  /** Canonical tags to save it under; none when it was asked for by id. */
  readonly names: readonly string[];
}

/** Name of a blob in an archive. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

/**
 * The text files of an archive beside its blobs, sorted by name: OCI image-spec image-layout.md with these
 * entries in its index, and the manifest.json of a docker archive for `docker`.
 */
export function planDocuments({
  entries,
  docker,
}: {
  readonly entries: readonly Descriptor[];
  readonly docker: readonly SavedImage[] | undefined;
}): readonly { readonly name: string; readonly content: Buffer }[] {
  const index: object = { schemaVersion: 2, mediaType: ociIndex, manifests: entries };
  const documents = [{ name: 'index.json', value: index }];
  if (docker) documents.push({ name: 'manifest.json', value: dockerManifest(docker) });
  documents.push({ name: 'oci-layout', value: { imageLayoutVersion: '1.0.0' } });
  return documents.map(({ name, value }) => ({ name, content: Buffer.from(JSON.stringify(value)) }));
}

/** The manifest of an image, for an index. */
export function manifestEntry({ manifest, config }: Pick<SavedImage, 'manifest' | 'config'>): Descriptor {
  const { mediaType, digest, size } = manifest;
  return { mediaType, digest, size, platform: platformOf(config) };
}

/** The entry once for each name, with the annotations of docker and containerd; as it is when there is none. */
export function namedEntries(entry: Descriptor, names: readonly string[]): readonly Descriptor[] {
  if (names.length === 0) return [entry];
  return names.map(name => ({ ...entry, annotations: { ...entry.annotations, ...annotationsOf(name) } }));
}

function annotationsOf(name: string) {
  return {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': parseReference(name).tag ?? '',
  };
}

/** docker's image spec v1.2 "Combined Image JSON + Filesystem Changeset Format". */
function dockerManifest(images: readonly SavedImage[]) {
  return images.map(image => ({
    Config: blobPath(image.id),
    RepoTags:
      image.names.length === 0 ? null : image.names.map(name => familiarReference(parseReference(name))),
    Layers: image.layers.map(layer => blobPath(layer.digest)),
  }));
}

function platformOf({ os, architecture, variant }: ImageConfig) {
  return normalizePlatform(variant === undefined ? { os, architecture } : { os, architecture, variant });
}
