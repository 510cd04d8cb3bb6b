import { PassThrough, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Digest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { sinkOf } from '../runtime/fs-streams.ts';
import type { FsSession, LayerInfo } from '../runtime/types.ts';
import type { LayerBlob, SnapshotInfo } from '../snapshot/types.ts';
import type { ImageContext } from './context.ts';
import { layerType } from './media-types.ts';
import type { ExportOptions } from './types.ts';

/** A layer as a blob in the store. */
export interface MadeLayer {
  /** Of the tar: another one than the layer's own when times were rewritten. */
  readonly diffId: Digest;
  readonly blob: LayerBlob;
}

export type Packing = Pick<ExportOptions, 'compression' | 'compressionLevel'>;

/**
 * Make the tar of a layer from its files and put it, compressed, into the blob store, from which a collection takes it
 * when it is no longer young. Files younger than `latest` (seconds since 1970) get that time. Throws `unsupported` for
 * zstd where Node lacks it, `store-corrupt`, `disk-full`.
 */
export async function packLayer(
  { store }: Pick<ImageContext, 'store'>,
  layer: SnapshotInfo,
  {
    session,
    latest,
    ...options
  }: Packing & { readonly session: FsSession; readonly latest?: number | undefined },
): Promise<MadeLayer> {
  const transform = compressor(options);
  const packing = packInto(transform, { session, directories: layer.directories, latest });
  packing.catch(() => undefined);
  const { digest, size } = await store.blobs.ingest(transform, { what: 'the layer' });
  const { diffId } = await packing;
  if (latest === undefined) checkUnchanged(layer, diffId);
  return { diffId, blob: { mediaType: layerType(options.compression), digest, size } };
}

/** `diffId`: of the tar made from the layer's files as they are now. Throws `store-corrupt` when it is not the layer's. */
export function checkUnchanged(layer: SnapshotInfo, diffId: Digest): void {
  if (diffId === layer.diffId) return;
  throw new SampanError(
    'store-corrupt',
    `The files of the layer ${layer.chainId} have changed on disk (${layer.directories.join(', ')}): they give ${diffId} instead of ${layer.diffId}.`,
    { hint: 'Remove the image and build or pull it again.', detail: { path: layer.directories[0] } },
  );
}

/** The layer's tar goes into the stream, whose reader sees the failure if there is one. */
async function packInto(
  stream: Transform,
  from: {
    readonly session: FsSession;
    readonly directories: readonly string[];
    readonly latest: number | undefined;
  },
): Promise<LayerInfo> {
  try {
    const made = await from.session.diffLayer(from.directories, {
      sink: sinkOf(stream),
      ...(from.latest === undefined ? {} : { latest: from.latest }),
    });
    stream.end();
    return made;
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Not in the types of Node 20, the oldest that we run on. */
const zstd = (zlib as { readonly createZstdCompress?: (options: object) => Transform }).createZstdCompress;
/** zstd_compression_parameters of zstd.h. */
const zstdLevel = 100;

function compressor({ compression, compressionLevel: level }: Packing): Transform {
  if (compression === 'none') return new PassThrough();
  if (compression === 'gzip')
    return zlib.createGzip({ chunkSize: 256 * 1024, ...(level !== undefined && { level }) });
  if (zstd !== undefined) return zstd(level === undefined ? {} : { params: { [zstdLevel]: level } });
  throw new SampanError('unsupported', `This Node (${process.version}) cannot compress with zstd.`, {
    hint: 'Use compression=gzip, or run Sampan with Node 22.15 or newer.',
  });
}
