import type { Digest } from '../../common/digest.ts';
import { familiarReference, parseReference } from '../../common/reference.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import { type Survey, survey, unlessDamaged, whole } from '../store/damage.ts';
import type { ImageContext, Kept } from './context.ts';
import { damagedReference, lookUp, type NamedImage, noSuchImage } from './lookup.ts';
import { damageToImage, type ImageRecord } from './records.ts';
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
    const [images, references] = [await records.images(), await records.references()];
    const damaged = images.damaged.map(error => error.detail.id as Digest);
    const ids = [...images.found.map(image => image.id), ...damaged];
    const found = lookUp(nameOrId, { images: ids, references: references.found });
    if (found === undefined) return removeDamagedName(context, { nameOrId, references });
    const plan = planRemoval(nameOrId, {
      found,
      references: references.found.filter(one => one.image === found.image).map(one => one.reference),
      users: await options.usedBy(found.image),
      force: options.force,
    });
    for (const reference of plan.untag) await records.removeName(reference);
    const untagged = plan.untag.map(one => familiarReference(parseReference(one)));
    // A name that cannot be read may be one more of this image.
    const lastName = found.reference === undefined || references.damaged.length === 0;
    if (!plan.deleteImage || !lastName) return { untagged, deleted: [] };
    const record = images.found.find(image => image.id === found.image) ?? { id: found.image };
    const layers = await deleteImage(context, { record, images });
    return { untagged, deleted: [found.image, ...layers.map(layer => layer.chainId)] };
  });
}

/** A name whose file cannot be read: it goes, whatever it stood for stays. */
async function removeDamagedName(
  { records }: ImageContext,
  { nameOrId, references }: { readonly nameOrId: string; readonly references: Survey<NamedImage> },
): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly Digest[] }> {
  const damage = damagedReference(nameOrId, references);
  if (damage === undefined) throw noSuchImage(nameOrId);
  await records.removeDamagedName(damage);
  return { untagged: [nameOrId], deleted: [] };
}

/** What {@link ImageStore.collect} says: layers and blobs that nothing needs and that are not young. */
export async function collectGarbage(
  context: ImageContext,
  { atOnce = [] }: { readonly atOnce?: readonly ChainId[] },
): Promise<{ readonly bytes: number; readonly removed: number }> {
  return context.store.lock('exclusive', async () => {
    const images = whole(await context.records.images());
    const keep = await context.keep();
    const kept = [...(await topsOf(context, images)), ...keep.chainIds];
    const layers = [
      ...(await context.snapshots.sweep({ keep: kept, among: atOnce, graceMs: 0 })),
      ...(await context.snapshots.sweep({ keep: kept, graceMs })),
    ];
    const blobs = await sweepBlobs(context, { images, keep, oldest: Date.now() - graceMs });
    const layerBytes = layers.reduce((sum, layer) => sum + layer.contentSize, 0);
    return { bytes: layerBytes + blobs.bytes, removed: layers.length + blobs.removed };
  });
}

/** What is known of an image that goes: of one with a damaged record the id alone. */
type RemovedImage = Pick<ImageRecord, 'id'> & Partial<Pick<ImageRecord, 'manifest'>>;

async function deleteImage(
  context: ImageContext,
  { record, images }: { readonly record: RemovedImage; readonly images: Survey<ImageRecord> },
): Promise<readonly SnapshotInfo[]> {
  // A config that does not read any more must not keep its image from being removed.
  const facts = await context.facts(record).catch(() => undefined);
  await context.records.removeImage(record.id);
  // What stands on damage is not known: then nothing goes but the image, and a later collection does the rest.
  if (images.damaged.some(error => error.detail.id !== record.id)) return [];
  const others = images.found.filter(image => image.id !== record.id);
  const tops = await unlessDamaged(topsOf(context, others));
  if (tops === undefined) return [];
  const keep = await context.keep();
  const swept = context.snapshots.sweep({
    keep: [...tops, ...keep.chainIds],
    among: facts?.chainIds ?? [],
    graceMs: 0,
  });
  const layers = await unlessDamaged(swept);
  if (layers === undefined) return [];
  const blobs = [record.id, record.manifest?.digest, ...layers.map(layer => layer.blob?.digest)];
  const among = new Set(blobs.filter(digest => digest !== undefined));
  await sweepBlobs(context, { images: others, keep, among });
  return layers;
}

/** The top layers of images. Throws `store-corrupt` for an image whose config is damaged. */
async function topsOf(context: ImageContext, images: readonly ImageRecord[]): Promise<readonly ChainId[]> {
  const facts = await survey(
    images.map(image =>
      context.facts(image).catch(error => {
        throw damageToImage(image.id)(error);
      }),
    ),
  );
  return whole(facts).flatMap(one => one.chainIds.at(-1) ?? []);
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
