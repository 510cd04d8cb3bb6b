import { createHash } from 'node:crypto';
import type { ChainId, LayerBlob } from '../../snapshot/types.ts';
import { unlessDamaged } from '../../store/damage.ts';
import { readRecord, writeRecord } from '../../store/records.ts';
import { count, digest, shape, text } from '../../store/schema.ts';
import { requireLayer, storedBlob } from '../archive/blobs.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, unpackLayers } from '../layers.ts';
import { layerType } from '../media-types.ts';
import { packLayer } from '../packing.ts';
import { folderSource, folderTarget } from './folder.ts';
import { registrySource, registryTarget } from './registry.ts';
import type { BlobExchange, BlobTarget } from './types.ts';

const packedRecord = shape({ mediaType: text, digest, size: count });

export function blobExchange(context: ImageContext): BlobExchange {
  return {
    source: async (place, { signal }) =>
      place.kind === 'folder' ? folderSource(context, place) : registrySource(context, place, signal),
    target: async (place, { signal, writer }) =>
      place.kind === 'folder' ? folderTarget(place, writer) : registryTarget(place, signal),
    put: (chainId, target, packing) => putLayer(context, { chainId, target, packing }),
    async apply(layers, source, { signal }) {
      const session = lazySession(context.openFs);
      const supply = {
        diffIds: layers.map(({ diffId }) => diffId),
        fetch: async (index: number) => {
          const { blob } = layers[index] as (typeof layers)[number];
          await source.fetch(blob);
          return blob;
        },
      };
      try {
        await unpackLayers(context, supply, { session, signal });
      } finally {
        await session.close();
      }
    },
  };
}

async function putLayer(
  context: ImageContext,
  {
    chainId,
    target,
    packing,
  }: {
    readonly chainId: ChainId;
    readonly target: BlobTarget;
    readonly packing: Parameters<BlobExchange['put']>[2];
  },
): Promise<LayerBlob> {
  const { blobs } = context.store;
  const layer = await requireLayer(context, chainId);
  const stored = await storedBlob(context, layer);
  const wanted = layerType(packing.compression);
  const own = stored && (!packing.forceCompression || stored.mediaType === wanted) ? stored : undefined;
  const known = own ?? (await packedBefore(context, { chainId, packing }));
  if (known && (await target.has(known.digest))) return known;
  const isHere = known !== undefined && (await blobs.size(known.digest)) === known.size;
  const blob = isHere ? known : await packNow(context, { chainId, packing });
  if (!(await target.has(blob.digest))) await target.put(blob, () => blobs.open(blob.digest));
  return blob;
}

async function packNow(
  context: ImageContext,
  { chainId, packing }: { readonly chainId: ChainId; readonly packing: Parameters<BlobExchange['put']>[2] },
): Promise<LayerBlob> {
  packing.signal.throwIfAborted();
  const session = await context.openFs();
  try {
    const { blob } = await packLayer(context, await requireLayer(context, chainId), { ...packing, session });
    const { paths } = context.store;
    await writeRecord(paths, paths.cacheRecord(recordName({ chainId, packing })), blob);
    return blob;
  } finally {
    await session.close();
  }
}

/** The blob that packing gave the last time: a target that has it needs nothing more. */
async function packedBefore(
  { store: { paths } }: ImageContext,
  of: Parameters<typeof recordName>[0],
): Promise<LayerBlob | undefined> {
  return unlessDamaged(readRecord(paths.cacheRecord(recordName(of)), packedRecord));
}

function recordName({
  chainId,
  packing: { compression, compressionLevel },
}: {
  readonly chainId: ChainId;
  readonly packing: Parameters<BlobExchange['put']>[2];
}): string {
  const text = JSON.stringify([chainId, compression, compressionLevel]);
  return `packed-${createHash('sha256').update(text).digest('hex')}`;
}
