import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import { readReference } from '../../../common/reference.ts';
import type { ByteSink } from '../../runtime/types.ts';
import type { LayerBlob, SnapshotInfo } from '../../snapshot/types.ts';
import { asCancelled, throwIfCancelled } from '../cancellation.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, type SessionSource } from '../layers.ts';
import { findReadable, type ImageSurvey, noSuchImage } from '../lookup.ts';
import { encodeManifest, isIndex, parseManifest } from '../manifest.ts';
import { ociLayer, ociManifest } from '../media-types.ts';
import type { ImageRecord } from '../records.ts';
import { blobPath, planDocuments, type SavedImage } from './savePlan.ts';
import { openTarWriter, type TarWriter } from './tarWriter.ts';

/** Where the bytes of a blob come from. */
type BlobSource =
  | { readonly kind: 'stored' }
  | { readonly kind: 'bytes'; readonly content: Buffer }
  | { readonly kind: 'snapshot'; readonly layer: SnapshotInfo };

interface PlannedBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly source: BlobSource;
}

const what = 'Saving the image';

/**
 * Write images as one tar: an OCI layout, with docker's manifest.json unless `format` is `oci-archive`.
 * The same images give the same bytes. Layers that came from elsewhere are written as they came, so that
 * the manifest keeps its digest; layers made here are made again from their files and must come out as
 * their diffID says (`store-corrupt` otherwise).
 */
export async function saveImages(
  context: ImageContext,
  sink: ByteSink,
  options: {
    readonly namesOrIds: readonly string[];
    readonly format: 'docker-archive' | 'oci-archive';
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const session = lazySession(context.openFs);
  const write: ByteSink = chunk => {
    throwIfCancelled(options.signal, what);
    return sink(chunk);
  };
  try {
    const blobs = new Map<Digest, PlannedBlob>();
    const images: SavedImage[] = [];
    for (const { record, names } of await selectImages(context, options.namesOrIds)) {
      images.push(await planImage(context, { record, names, blobs }));
    }
    const tar = openTarWriter(write);
    await tar.directory('blobs/');
    await tar.directory('blobs/sha256/');
    for (const digest of [...blobs.keys()].sort()) {
      await writeBlob(context, { blob: blobs.get(digest) as PlannedBlob, tar, session });
    }
    const docker = options.format === 'docker-archive';
    for (const { name, content } of planDocuments(images, { docker })) await tar.file(name, content);
    await tar.end();
  } catch (error) {
    throw asCancelled(error, { signal: options.signal, what });
  } finally {
    await session.close();
  }
}

/** By tag: that tag; by a repository alone: all its tags (as docker); by id: without a name. In the order asked. */
async function selectImages(
  { records }: ImageContext,
  namesOrIds: readonly string[],
): Promise<readonly { readonly record: ImageRecord; readonly names: readonly string[] }[]> {
  const [images, references] = await Promise.all([records.images(), records.references()]);
  const selected = new Map<Digest, Set<string>>();
  for (const given of namesOrIds) {
    for (const { image, name } of select(given, { images, references })) {
      const names = selected.get(image) ?? new Set();
      if (name !== undefined) names.add(name);
      selected.set(image, names);
    }
  }
  return [...selected].flatMap(([id, names]) => {
    const record = images.found.find(image => image.id === id);
    return record === undefined ? [] : [{ record, names: [...names].sort() }];
  });
}

function select(
  given: string,
  store: ImageSurvey,
): readonly { readonly image: Digest; readonly name: string | undefined }[] {
  const { reference } = readReference(given);
  if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
    const prefix = `${reference.domain}/${reference.path}:`;
    const tags = store.references.found.filter(one => one.reference.startsWith(prefix));
    if (tags.length > 0) return tags.map(one => ({ image: one.image, name: one.reference }));
  }
  const found = findReadable(given, store);
  if (found === undefined) throw noSuchImage(given);
  const hasTag = found.reference !== undefined && !found.reference.includes('@');
  return [{ image: found.image, name: hasTag ? found.reference : undefined }];
}

async function planImage(
  context: ImageContext,
  {
    record,
    names,
    blobs,
  }: {
    readonly record: ImageRecord;
    readonly names: readonly string[];
    readonly blobs: Map<Digest, PlannedBlob>;
  },
): Promise<SavedImage> {
  const { config, chainIds } = await context.facts(record);
  const layers: LayerBlob[] = [];
  for (const chainId of chainIds) layers.push(await planLayer(context, { chainId, blobs }));
  const content = await context.store.blobs.read(record.id);
  blobs.set(record.id, { digest: record.id, size: content.length, source: { kind: 'bytes', content } });
  const manifest = await planManifest(context, { record, configSize: content.length, layers });
  const { digest, size } = manifest.blob;
  blobs.set(digest, { digest, size, source: { kind: 'bytes', content: manifest.content } });
  return { id: record.id, config, manifest: manifest.blob, layers, names };
}

async function planLayer(
  { store, snapshots }: ImageContext,
  { chainId, blobs }: { readonly chainId: Digest; readonly blobs: Map<Digest, PlannedBlob> },
): Promise<LayerBlob> {
  const layer = await snapshots.get(chainId);
  if (layer === undefined) throw missingLayer(chainId);
  const { blob } = layer;
  if (blob !== undefined && (await store.blobs.size(blob.digest)) === blob.size) {
    blobs.set(blob.digest, { ...blob, source: { kind: 'stored' } });
    return blob;
  }
  const made = { mediaType: ociLayer, digest: layer.diffId, size: layer.tarSize };
  blobs.set(made.digest, { ...made, source: { kind: 'snapshot', layer } });
  return made;
}

/** The manifest that the image came with, if it describes these very blobs; else one that does. */
async function planManifest(
  { store }: ImageContext,
  image: {
    readonly record: ImageRecord;
    readonly configSize: number;
    readonly layers: readonly LayerBlob[];
  },
): Promise<{ readonly blob: LayerBlob; readonly content: Buffer }> {
  const { manifest, id } = image.record;
  if (manifest !== undefined && (await store.blobs.size(manifest.digest)) !== undefined) {
    const content = await store.blobs.read(manifest.digest);
    const parsed = parseManifest(content, { declared: manifest.mediaType, what: 'The stored manifest' });
    const same = !isIndex(parsed) && parsed.layers.every((one, i) => one.digest === image.layers[i]?.digest);
    if (same) return { blob: manifest, content };
  }
  const content = encodeManifest({ digest: id, size: image.configSize }, image.layers);
  const digest = digestFromHex(createHash('sha256').update(content).digest('hex'));
  return { blob: { mediaType: ociManifest, digest, size: content.length }, content };
}

async function writeBlob(
  { store }: ImageContext,
  to: { readonly blob: PlannedBlob; readonly tar: TarWriter; readonly session: SessionSource },
): Promise<void> {
  const { digest, size, source } = to.blob;
  const name = blobPath(digest);
  if (source.kind === 'bytes') return to.tar.file(name, source.content);
  await to.tar.stream({ name, size }, async write => {
    if (source.kind === 'snapshot')
      return regenerate(source.layer, { session: await to.session.get(), write });
    for await (const chunk of store.blobs.open(digest)) await write(chunk);
  });
}

async function regenerate(
  layer: SnapshotInfo,
  to: { readonly session: Awaited<ReturnType<SessionSource['get']>>; readonly write: ByteSink },
): Promise<void> {
  const made = await to.session.diffLayer(layer.directory, to.write);
  if (made.diffId === layer.diffId) return;
  throw new SampanError(
    'store-corrupt',
    `The files of the layer ${layer.chainId} have changed on disk (${layer.directory}): they give ${made.diffId} instead of ${layer.diffId}.`,
    { hint: 'Remove the image and build or pull it again.', detail: { path: layer.directory } },
  );
}

function missingLayer(chainId: Digest): SampanError {
  return new SampanError('store-corrupt', `The layer ${chainId} is missing in the store.`, {
    hint: 'Remove the image that it belongs to and pull, load or build it again.',
    detail: { chainId },
  });
}
