import type { Digest } from '../../../common/digest.ts';
import type { LayerBlob } from '../../snapshot/types.ts';

/** An image in an archive, its config and manifest read and verified, its layers not yet. */
export interface FoundImage {
  readonly config: Buffer;
  /** Canonical references with a tag. */
  readonly names: readonly string[];
  /** The manifest document, when the archive has one. */
  readonly manifest: { readonly mediaType: string; readonly content: Buffer } | undefined;
  readonly diffIds: readonly Digest[];
  /** Copy layer `index` into the blob store, its digest and size verified where the archive tells them. */
  fetch(index: number): Promise<LayerBlob>;
}
