import type { Digest } from '../../../common/digest.ts';
import type { ChainId, LayerBlob } from '../../snapshot/types.ts';
import type { Packing } from '../packing.ts';
import type { ArchiveWriter, LayoutPlace } from '../types.ts';

/** Where blobs are kept for others: under a name in a registry, or in an OCI layout folder. */
export type BlobPlace =
  | { readonly kind: 'registry'; readonly reference: string }
  | ({ readonly kind: 'folder' } & LayoutPlace);

export interface NamedManifest {
  readonly mediaType: string | undefined;
  readonly content: Buffer;
}

export interface BlobSource {
  /** What the name stands for. Throws `not-found`, and for registries what their client throws. */
  top(): Promise<NamedManifest>;
  /** A manifest below an index. */
  manifest(digest: Digest): Promise<NamedManifest>;
  /** A document in one piece, verified. */
  read(blob: LayerBlob): Promise<Buffer>;
  /** Bring a blob into the store, verified. */
  fetch(blob: LayerBlob): Promise<void>;
  close(): Promise<void>;
}

export interface BlobTarget {
  has(digest: Digest): Promise<boolean>;
  put(blob: Pick<LayerBlob, 'digest' | 'size'>, content: () => AsyncIterable<Uint8Array>): Promise<void>;
  /** Give a manifest the place's name: the only act that others see. */
  name(manifest: { readonly mediaType: string; readonly content: Uint8Array }): Promise<Digest>;
  close(): Promise<void>;
}

/** Layers and documents on their way between the store and such places. */
export interface BlobExchange {
  source(place: BlobPlace, options: { readonly signal: AbortSignal }): Promise<BlobSource>;
  /** `writer` writes into the folder of a place that is one. */
  target(
    place: BlobPlace,
    options: { readonly signal: AbortSignal; readonly writer?: ArchiveWriter | undefined },
  ): Promise<BlobTarget>;
  /** See that the target has a layer; gives the blob that it is there. A layer is packed once and then known. */
  put(
    chainId: ChainId,
    target: BlobTarget,
    packing: Packing & { readonly forceCompression?: boolean; readonly signal: AbortSignal },
  ): Promise<LayerBlob>;
  /** Unpack the layers that the store lacks, bottom first, each verified. */
  apply(
    layers: readonly { readonly diffId: Digest; readonly blob: LayerBlob }[],
    source: BlobSource,
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
}
