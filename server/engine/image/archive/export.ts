import type { Digest } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import { formatPlatform } from '../../../common/platform.ts';
import { chainIdsOf } from '../../snapshot/chain.ts';
import type { LayerBlob, SnapshotInfo } from '../../snapshot/types.ts';
import { asCancelled, throwIfCancelled } from '../cancellation.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, type SessionSource } from '../layers.ts';
import { type Annotations, encodeManifest } from '../manifest.ts';
import { dockerType, ociConfig, ociIndex, ociManifest } from '../media-types.ts';
import { type MadeLayer, packLayer } from '../packing.ts';
import type { Annotation, ArchiveWriter, BuiltImage, ExportedImages, ExportOptions } from '../types.ts';
import { ArchiveBlobs, requireLayer, storedBlob } from './blobs.ts';
import { manifestEntry, namedEntries, planDocuments, type SavedImage } from './savePlan.ts';

const what = 'Writing the image';

/**
 * Write what a build made as an OCI layout (a docker archive as well, if asked for): one image, or one for each
 * platform below an index. Nothing is added to the store but compressed layers, which a collection takes.
 *
 * Throws `unsupported` for several images as a docker
 * archive and for zstd where Node lacks it.
 */
export async function exportImages(
  context: ImageContext,
  images: readonly BuiltImage[],
  { archive, ...options }: ExportOptions & { readonly archive: ArchiveWriter },
): Promise<ExportedImages> {
  if (options.format === 'docker-archive' && images.length > 1) throw oneOnly();
  const session = lazySession(context.openFs);
  try {
    const blobs = new ArchiveBlobs(context);
    const exporter = new Exporter(context, { blobs, session, options });
    const saved: SavedImage[] = [];
    for (const image of images) saved.push(await exporter.image(image));
    const entry = exporter.entry(saved);
    await blobs.write({ archive, session });
    const docker = options.format === 'docker-archive' ? saved : undefined;
    const entries = namedEntries(entry, options.names);
    for (const { name, content } of planDocuments({ entries, docker })) await archive.file(name, content);
    await archive.end();
    return { digest: entry.digest, imageId: saved.length === 1 && saved[0] ? saved[0].id : entry.digest };
  } catch (error) {
    throw asCancelled(error, { signal: options.signal, what });
  } finally {
    await session.close();
  }
}

class Exporter {
  readonly #context: ImageContext;
  readonly #blobs: ArchiveBlobs;
  readonly #session: SessionSource;
  readonly #options: ExportOptions;

  constructor(
    context: ImageContext,
    parts: {
      readonly blobs: ArchiveBlobs;
      readonly session: SessionSource;
      readonly options: ExportOptions;
    },
  ) {
    this.#context = context;
    this.#blobs = parts.blobs;
    this.#session = parts.session;
    this.#options = parts.options;
  }

  async image({ config: content, baseLayers }: BuiltImage): Promise<SavedImage> {
    const config = parseImageConfig(content, this.#context.host);
    const made: MadeLayer[] = [];
    for (const [index, chainId] of chainIdsOf(config.rootfs.diff_ids).entries()) {
      throwIfCancelled(this.#options.signal, what);
      const layer = await requireLayer(this.#context, chainId);
      made.push(await this.#layer(layer, { isBase: index < baseLayers }));
    }
    const diffIds = made.map(({ diffId }) => diffId);
    const exported = diffIds.every((diffId, index) => diffId === config.rootfs.diff_ids[index])
      ? content
      : withDiffIds(content, diffIds);
    const configBlob = this.#blobs.add(this.#type(ociConfig), exported);
    const layers = made.map(({ blob }) => blob);
    const platform = formatPlatform(config);
    const mediaType = this.#type(ociManifest);
    const annotations = this.#annotations('manifest', platform);
    const manifest = this.#blobs.add(
      mediaType,
      encodeManifest({ mediaType, config: configBlob, layers, annotations }),
    );
    return { id: configBlob.digest, config, manifest, layers, names: this.#options.names };
  }

  /** What the index of the layout names: the image, or an index of several. */
  entry(images: readonly SavedImage[]) {
    const manifests = images.map(image => {
      const annotations = this.#annotations('manifest-descriptor', formatPlatform(image.config));
      return { ...manifestEntry(image), ...(annotations && { annotations }) };
    });
    const [only] = manifests;
    if (only !== undefined && manifests.length === 1) return only;
    const mediaType = this.#type(ociIndex);
    const inside = this.#annotations('index');
    const outside = this.#annotations('index-descriptor');
    const index = { schemaVersion: 2, mediaType, manifests, ...(inside && { annotations: inside }) };
    const blob = this.#blobs.add(mediaType, Buffer.from(JSON.stringify(index)));
    return { ...blob, ...(outside && { annotations: outside }) };
  }

  /** Layers of the base keep the blob that they came in, and their times. */
  async #layer(layer: SnapshotInfo, { isBase }: { readonly isBase: boolean }): Promise<MadeLayer> {
    const { compression, forceCompression, latest } = this.#options;
    const rewritten = isBase ? undefined : latest;
    const stored = await storedBlob(this.#context, layer);
    if (rewritten === undefined && stored && !forceCompression) {
      return { diffId: layer.diffId, blob: this.#typed(this.#blobs.addStored(stored)) };
    }
    if (rewritten === undefined && compression === 'none') {
      return { diffId: layer.diffId, blob: this.#typed(this.#blobs.addPlain(layer)) };
    }
    return this.#packedLayer(layer, rewritten);
  }

  async #packedLayer(layer: SnapshotInfo, latest: number | undefined): Promise<MadeLayer> {
    const session = await this.#session.get();
    const made = await packLayer(this.#context, layer, { ...this.#options, session, latest });
    return { diffId: made.diffId, blob: this.#typed(this.#blobs.addStored(made.blob)) };
  }

  #typed(blob: LayerBlob): LayerBlob {
    return { ...blob, mediaType: this.#type(blob.mediaType) };
  }

  #type(mediaType: string): string {
    return this.#options.mediaTypes === 'docker' ? dockerType(mediaType) : mediaType;
  }

  #annotations(level: Annotation['level'], platform?: string): Annotations | undefined {
    const meant = this.#options.annotations.filter(
      one => one.level === level && (one.platform === undefined || one.platform === platform),
    );
    return meant.length === 0 ? undefined : Object.fromEntries(meant.map(({ key, value }) => [key, value]));
  }
}

/** The same document with other layers; its other fields as they are, known to us or not. */
function withDiffIds(config: Uint8Array, diffIds: readonly Digest[]): Buffer {
  const document = JSON.parse(Buffer.from(config).toString('utf8'));
  return Buffer.from(JSON.stringify({ ...document, rootfs: { ...document.rootfs, diff_ids: diffIds } }));
}

function oneOnly(): SampanError {
  return new SampanError('unsupported', 'A docker archive holds images of one platform.', {
    hint: 'Write an OCI archive: --output type=oci,dest=FILE.',
  });
}
