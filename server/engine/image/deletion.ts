import type { Digest } from '../../common/digest.ts';
import { familiarReference, parseReference } from '../../common/reference.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import type { ImageContext, Kept } from './context.ts';
import { lookUp, noSuchImage } from './lookup.ts';
import type { ImageRecord } from './records.ts';
import { planRemoval } from './removal.ts';

/** How long an unused layer or blob is left alone: whoever made it may be about to make the image. */
export const graceMs = 3600 * 1000;

/**
 * Docker's rmi; see {@link planRemoval}. Names go first, then the record, then layers and blobs of nobody.
 * `untagged` are familiar references, `deleted` the image id and the chainIDs of its layers, as docker prints.
 */
export async function removeImage(
  context: ImageContext,
  nameOrId: string,
  options: { readonly force: boolean; readonly usedBy: (id: Digest) => Promise<readonly string[]> },
): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly Digest[] }> {
  const { records, store } = context;
  return store.lock('exclusive', async () => {
    const images = await records.images();
    const references = await records.references();
    const found = lookUp(nameOrId, { images: images.map(image => image.id), references });
    if (found === undefined) throw noSuchImage(nameOrId);
    const plan = planRemoval(nameOrId, {
      found,
      references: references.filter(one => one.image === found.image).map(one => one.reference),
      users: await options.usedBy(found.image),
      force: options.force,
    });
    for (const reference of plan.untag) await records.removeName(reference);
    const untagged = plan.untag.map(one => familiarReference(parseReference(one)));
    if (!plan.deleteImage) return { untagged, deleted: [] };
    const record = images.find(image => image.id === found.image);
    const layers = record === undefined ? [] : await deleteImage(context, { record, images });
    return { untagged, deleted: [found.image, ...layers.map(layer => layer.chainId)] };
  });
}

/** What {@link ImageStore.collect} says: layers and blobs that nothing needs and that are not young. */
export async function collectGarbage(
  context: ImageContext,
  keep: Kept,
): Promise<{ readonly bytes: number; readonly removed: number }> {
  return context.store.lock('exclusive', async () => {
    const images = await context.records.images();
    const layers = await context.snapshots.sweep({
      keep: [...(await topsOf(context, images)), ...keep.chainIds],
      graceMs,
    });
    const blobs = await sweepBlobs(context, { images, keep, oldest: Date.now() - graceMs });
    const layerBytes = layers.reduce((sum, layer) => sum + layer.contentSize, 0);
    return { bytes: layerBytes + blobs.bytes, removed: layers.length + blobs.removed };
  });
}

async function deleteImage(
  context: ImageContext,
  { record, images }: { readonly record: ImageRecord; readonly images: readonly ImageRecord[] },
): Promise<readonly SnapshotInfo[]> {
  // A config that does not read any more must not keep its image from being removed.
  const facts = await context.facts(record).catch(() => undefined);
  await context.records.removeImage(record.id);
  const others = images.filter(image => image.id !== record.id);
  const keep = await context.keep();
  const layers = await context.snapshots.sweep({
    keep: [...(await topsOf(context, others)), ...keep.chainIds],
    among: facts?.chainIds ?? [],
    graceMs: 0,
  });
  const blobs = [record.id, record.manifest?.digest, ...layers.map(layer => layer.blob?.digest)];
  const among = new Set(blobs.filter(digest => digest !== undefined));
  await sweepBlobs(context, { images: others, keep, among });
  return layers;
}

/** The top layers of images; those whose config is damaged have none that could be known. */
async function topsOf(context: ImageContext, images: readonly ImageRecord[]): Promise<readonly ChainId[]> {
  const facts = await Promise.all(images.map(image => context.facts(image).catch(() => undefined)));
  return facts.flatMap(one => one?.chainIds.at(-1) ?? []);
}

async function sweepBlobs(
  { store, snapshots }: ImageContext,
  state: {
    readonly images: readonly ImageRecord[];
    readonly keep: Kept;
    /** Only these; absent: all not used since `oldest`. */
    readonly among?: ReadonlySet<Digest>;
    /** Milliseconds since 1970. */
    readonly oldest?: number;
  },
): Promise<{ readonly bytes: number; readonly removed: number }> {
  const needed = new Set<Digest>(state.keep.images);
  for (const image of state.images) {
    needed.add(image.id);
    if (image.manifest !== undefined) needed.add(image.manifest.digest);
  }
  for (const layer of await snapshots.list()) if (layer.blob !== undefined) needed.add(layer.blob.digest);
  let [bytes, removed] = [0, 0];
  for (const blob of await store.blobs.list()) {
    const candidate = state.among?.has(blob.digest) ?? blob.usedAt <= (state.oldest ?? 0);
    if (!candidate || needed.has(blob.digest)) continue;
    await store.blobs.remove(blob.digest);
    bytes += blob.size;
    removed += 1;
  }
  return { bytes, removed };
}
