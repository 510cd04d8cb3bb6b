import { createHash } from 'node:crypto';
import { type Digest, digestFromHex } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import type { ByteSink } from '../../runtime/types.ts';
import type { LayerBlob, SnapshotInfo } from '../../snapshot/types.ts';
import type { ImageContext } from '../context.ts';
import type { SessionSource } from '../layers.ts';
import { ociLayer } from '../media-types.ts';
import { checkUnchanged } from '../packing.ts';
import type { ArchiveWriter } from '../types.ts';
import { blobPath } from './savePlan.ts';

/** Where the bytes of a blob come from. */
type BlobSource =
  | { readonly kind: 'stored' }
  | { readonly kind: 'bytes'; readonly content: Uint8Array }
  | { readonly kind: 'snapshot'; readonly layer: SnapshotInfo };

interface PlannedBlob {
  readonly size: number;
  readonly source: BlobSource;
}

/** The blobs of one archive. Planned first, so that what stands in several images is written once. */
export class ArchiveBlobs {
  readonly #context: ImageContext;
  readonly #blobs = new Map<Digest, PlannedBlob>();

  constructor(context: ImageContext) {
    this.#context = context;
  }

  /** A document of this media type. */
  add(mediaType: string, content: Uint8Array): LayerBlob {
    const digest = digestFromHex(createHash('sha256').update(content).digest('hex'));
    this.#blobs.set(digest, { size: content.length, source: { kind: 'bytes', content } });
    return { mediaType, digest, size: content.length };
  }

  /** What the blob store holds. */
  addStored(blob: LayerBlob): LayerBlob {
    this.#blobs.set(blob.digest, { size: blob.size, source: { kind: 'stored' } });
    return blob;
  }

  /** The layer as it came, or as a plain tar if it was made here. */
  async addLayer(layer: SnapshotInfo): Promise<LayerBlob> {
    const stored = await storedBlob(this.#context, layer);
    return stored ? this.addStored(stored) : this.addPlain(layer);
  }

  /** The layer as a plain tar, made from its files when it is written. */
  addPlain(layer: SnapshotInfo): LayerBlob {
    const made = { mediaType: ociLayer, digest: layer.diffId, size: layer.tarSize };
    this.#blobs.set(made.digest, { size: made.size, source: { kind: 'snapshot', layer } });
    return made;
  }

  /** All of them, in the order of their digests. */
  async write(to: { readonly archive: ArchiveWriter; readonly session: SessionSource }): Promise<void> {
    await to.archive.directory('blobs/');
    await to.archive.directory('blobs/sha256/');
    for (const [digest, blob] of [...this.#blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await this.#write(digest, { ...to, blob });
    }
  }

  async #write(
    digest: Digest,
    to: {
      readonly blob: PlannedBlob;
      readonly archive: ArchiveWriter;
      readonly session: SessionSource;
    },
  ): Promise<void> {
    const { size, source } = to.blob;
    const name = blobPath(digest);
    if (source.kind === 'bytes') return to.archive.file(name, source.content);
    await to.archive.stream({ name, size }, async write => {
      if (source.kind === 'snapshot') return regenerate(source.layer, { session: to.session, sink: write });
      for await (const chunk of this.#context.store.blobs.open(digest)) await write(chunk);
    });
  }
}

/** The layer in the store. Throws `store-corrupt` when it is not there. */
export async function requireLayer({ snapshots }: ImageContext, chainId: Digest): Promise<SnapshotInfo> {
  const layer = await snapshots.get(chainId);
  if (layer !== undefined) return layer;
  throw new SampanError('store-corrupt', `The layer ${chainId} is missing in the store.`, {
    hint: 'Remove the image that it belongs to and pull, load or build it again.',
    detail: { chainId },
  });
}

/** The blob that a layer came in, if it is still there. */
export async function storedBlob(
  { store }: ImageContext,
  { blob }: SnapshotInfo,
): Promise<LayerBlob | undefined> {
  if (blob === undefined || (await store.blobs.size(blob.digest)) !== blob.size) return undefined;
  return blob;
}

async function regenerate(
  layer: SnapshotInfo,
  { session, sink }: { readonly session: SessionSource; readonly sink: ByteSink },
): Promise<void> {
  const made = await (await session.get()).diffLayer(layer.directories, { sink });
  checkUnchanged(layer, made.diffId);
}
