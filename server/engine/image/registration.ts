import type { Digest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../../common/reference.ts';
import { chainIdsOf } from '../snapshot/chain.ts';
import type { LayerBlob } from '../snapshot/types.ts';
import { unlessDamaged } from '../store/damage.ts';
import { parseImageConfig } from './config.ts';
import type { ImageContext } from './context.ts';
import { noSuchImage } from './lookup.ts';

/** Everything of a new image but its layers, which are in the snapshot store. */
export interface NewImage {
  /** The config document, byte for byte. */
  readonly config: Uint8Array;
  /** The manifest that it came with, in the blob store already. */
  readonly manifest?: LayerBlob | undefined;
  /** Canonical references, each with a tag or a digest. */
  readonly names: readonly string[];
}

/**
 * Record an image and then its names. The layers are checked under the lock that keeps collections out, so
 * that no image is ever seen without them. Throws `not-found` naming a layer that is missing.
 */
export async function registerImage(context: ImageContext, image: NewImage): Promise<Digest> {
  const config = parseImageConfig(image.config, context.host);
  const chainIds = chainIdsOf(config.rootfs.diff_ids);
  return context.store.lock('shared', async () => {
    const size = await sizeOfLayers(context, chainIds);
    const id = await context.store.blobs.put(image.config);
    const existing = await unlessDamaged(context.records.image(id)); // a damaged one is written anew
    // An image that came from a registry once keeps that manifest: its layers' blobs are the ones in the store.
    if (existing === undefined || (existing.manifest === undefined && image.manifest !== undefined)) {
      await context.records.writeImage({
        id,
        createdAt: creationTime(config.created),
        size,
        manifest: image.manifest,
      });
    }
    for (const name of image.names) await context.records.name(name, id);
    return id;
  });
}

/** Give an image one more name. Throws `not-found`, or `invalid-argument` for a name with a digest. */
export async function tagImage(context: ImageContext, id: Digest, reference: string): Promise<void> {
  const name = tagName(reference);
  await context.store.lock('shared', async () => {
    if ((await context.records.image(id)) === undefined) {
      throw new SampanError('not-found', `There is no image ${id} here.`, { detail: { image: id } });
    }
    await context.records.name(name, id);
  });
}

/** Take a name from its image, which stays also without any. Throws `not-found`. */
export async function untagImage({ records, store }: ImageContext, reference: string): Promise<void> {
  const name = tagName(reference);
  await store.lock('exclusive', async () => {
    const { found } = await records.references();
    if (!found.some(one => one.reference === name)) throw noSuchImage(reference);
    await records.removeName(name);
  });
}

/** The canonical form of a tag that a user gave. Throws `invalid-argument`. */
export function tagName(reference: string): string {
  const parsed = parseReference(reference);
  if (parsed.digest === undefined) return canonicalReference(withDefaultTag(parsed));
  throw new SampanError('invalid-argument', `"${reference}" has a digest, which a tag cannot have.`, {
    hint: 'Leave out the part from "@" on.',
    detail: { reference },
  });
}

/** Bytes of content. Throws `not-found` when a layer is missing. */
async function sizeOfLayers({ snapshots }: ImageContext, chainIds: readonly Digest[]): Promise<number> {
  const layers = await Promise.all(chainIds.map(snapshots.get));
  const missing = layers.indexOf(undefined);
  if (missing >= 0) throw missingLayer(chainIds[missing] as Digest);
  return layers.reduce((sum, layer) => sum + (layer?.contentSize ?? 0), 0);
}

/** In UTC, so that times compare as text; 1970 when the config tells none. */
function creationTime(created: string | undefined): string {
  const time = new Date(created ?? 0);
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString();
}

function missingLayer(chainId: Digest): SampanError {
  return new SampanError('not-found', `The layer ${chainId} of the new image is not in the store.`, {
    detail: { chainId },
  });
}
