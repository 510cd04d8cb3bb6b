import type { Digest } from '../../../common/digest.ts';
import { readReference } from '../../../common/reference.ts';
import type { ByteSink } from '../../runtime/types.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import { asCancelled, throwIfCancelled } from '../cancellation.ts';
import type { ImageContext } from '../context.ts';
import { lazySession } from '../layers.ts';
import { findReadable, type ImageSurvey, noSuchImage } from '../lookup.ts';
import { encodeManifest, isIndex, parseManifest } from '../manifest.ts';
import { ociConfig, ociManifest } from '../media-types.ts';
import type { ImageRecord } from '../records.ts';
import { ArchiveBlobs, requireLayer } from './blobs.ts';
import { manifestEntry, namedEntries, planDocuments, type SavedImage } from './savePlan.ts';
import { openTarWriter } from './tarWriter.ts';

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
    const blobs = new ArchiveBlobs(context);
    const images: SavedImage[] = [];
    for (const selected of await selectImages(context, options.namesOrIds)) {
      images.push(await planImage(context, { ...selected, blobs }));
    }
    const archive = openTarWriter(write);
    await blobs.write({ archive, session });
    const entries = images.flatMap(image => namedEntries(manifestEntry(image), image.names));
    const docker = options.format === 'docker-archive' ? images : undefined;
    for (const { name, content } of planDocuments({ entries, docker })) await archive.file(name, content);
    await archive.end();
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
    readonly blobs: ArchiveBlobs;
  },
): Promise<SavedImage> {
  const { config, chainIds } = await context.facts(record);
  const layers: LayerBlob[] = [];
  for (const chainId of chainIds) layers.push(await blobs.addLayer(await requireLayer(context, chainId)));
  const configBlob = blobs.add(ociConfig, await context.store.blobs.read(record.id));
  const manifest =
    (await keptManifest(context, { record, layers, blobs })) ??
    blobs.add(ociManifest, encodeManifest({ config: configBlob, layers }));
  return { id: record.id, config, manifest, layers, names };
}

/** The manifest that the image came with, if it describes these very blobs. */
async function keptManifest(
  { store }: ImageContext,
  {
    record: { manifest },
    layers,
    blobs,
  }: {
    readonly record: ImageRecord;
    readonly layers: readonly LayerBlob[];
    readonly blobs: ArchiveBlobs;
  },
): Promise<LayerBlob | undefined> {
  if (manifest === undefined || (await store.blobs.size(manifest.digest)) === undefined) return undefined;
  const content = await store.blobs.read(manifest.digest);
  const parsed = parseManifest(content, { declared: manifest.mediaType, what: 'The stored manifest' });
  const same = !isIndex(parsed) && parsed.layers.every((one, i) => one.digest === layers[i]?.digest);
  return same ? blobs.add(manifest.mediaType, content) : undefined;
}
