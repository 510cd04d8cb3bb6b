import { createHash } from 'node:crypto';
import { digestFromHex } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import type { BlobTarget } from '../../image/exchange/types.ts';
import { encodeManifest } from '../../image/manifest.ts';
import { ociIndex, ociManifest } from '../../image/media-types.ts';
import type { ChainId, SnapshotInfo } from '../../snapshot/types.ts';
import type { BuilderParts } from '../buildContext.ts';
import type { BuildPlan, NodeId } from '../planTypes.ts';
import { reportStep } from '../progress.ts';
import type { Solution, Solved } from '../solve.ts';
import { cancelled } from '../stepFailure.ts';
import type { BuildEvent, CacheTarget } from '../types.ts';
import { type CacheLayer, type CacheRecord, cacheConfigType, encodeCacheConfig } from './config.ts';
import { placeName } from './importCache.ts';

/** A step's result, not packed yet. */
export interface CachedStep {
  readonly key: string;
  readonly parent: string | undefined;
  /** Bottom first. */
  readonly layers: readonly SnapshotInfo[];
}

/** The steps of a build that a cache is to hold: `min` those of the image, `max` also those of other stages. */
export async function stepsToCache(
  { snapshots }: Pick<BuilderParts, 'snapshots'>,
  {
    plan,
    solution,
    mode,
  }: { readonly plan: BuildPlan; readonly solution: Solution; readonly mode: 'min' | 'max' },
): Promise<readonly CachedStep[]> {
  const ids = mode === 'max' ? plan.nodes.map(({ id }) => id) : chainOf(plan);
  const steps: CachedStep[] = [];
  for (const id of ids) {
    const node = plan.nodes[id];
    const solved = solution.solved.get(id);
    if (!node || node.kind === 'image' || !solved?.key) continue;
    const below = node.kind === 'copy' && node.link ? undefined : node.input;
    const parent = below === undefined ? undefined : solution.solved.get(below)?.key;
    const layers = await layersOf(snapshots, solved);
    // With --link the key stands for the layer alone, on nothing.
    const own = node.kind === 'copy' && node.link ? layers.slice(-1) : layers;
    steps.push({ key: solved.key, parent, layers: own });
  }
  return steps;
}

/** The steps below the image, bottom first. */
function chainOf({ nodes, image }: BuildPlan): readonly NodeId[] {
  const ids: NodeId[] = [];
  for (let id = image.top; id !== undefined; ) {
    ids.unshift(id);
    const node = nodes[id];
    id = node === undefined || node.kind === 'image' ? undefined : node.input;
  }
  return ids;
}

async function layersOf(
  snapshots: BuilderParts['snapshots'],
  { chainId }: Solved,
): Promise<readonly SnapshotInfo[]> {
  const layers: SnapshotInfo[] = [];
  for (let id: ChainId | undefined = chainId; id !== undefined; ) {
    const layer = await snapshots.get(id);
    if (layer === undefined)
      throw new SampanError('store-corrupt', `The layer ${id} is missing in the store.`);
    layers.unshift(layer);
    id = layer.parent;
  }
  return layers;
}

export interface CacheExport {
  readonly target: CacheTarget;
  readonly steps: readonly CachedStep[];
  readonly signal: AbortSignal;
  readonly onProgress: (event: BuildEvent) => void;
}

/**
 * Write the cache of a build: blobs, config, and last the manifest. A failure is the build's, unless the target
 * says that errors do not count.
 */
export async function exportCache(
  { images }: Pick<BuilderParts, 'images'>,
  { target, steps, signal, onProgress }: CacheExport,
): Promise<void> {
  const id = `export ${placeName(target.place)}`;
  const name =
    target.place.kind === 'registry'
      ? `exporting cache to registry ${target.place.reference}`
      : `exporting cache to client directory ${target.place.folder}`;
  onProgress({ kind: 'plan', steps: [{ id, name, stage: '', inputs: [] }] });
  const reported = reportStep(onProgress, id);
  let place: BlobTarget | undefined;
  try {
    place = await images.exchange.target(target.place, { signal, writer: target.writer });
    await writeCache(images, { place, target, steps, signal });
    reported.done({ cached: false });
  } catch (error) {
    const failure = signal.aborted ? cancelled() : error;
    reported.failed(failure);
    if (signal.aborted || !target.ignoreError) throw failure;
  } finally {
    await place?.close();
  }
}

async function writeCache(
  images: BuilderParts['images'],
  {
    place,
    target,
    steps,
    signal,
  }: Pick<CacheExport, 'target' | 'steps' | 'signal'> & { readonly place: BlobTarget },
): Promise<void> {
  const { compression, compressionLevel, forceCompression } = target;
  const packing = {
    compression,
    forceCompression,
    signal,
    ...(compressionLevel !== undefined && { compressionLevel }),
  };
  const packed = new Map<ChainId, CacheLayer>();
  for (const { chainId, diffId, createdAt } of steps.flatMap(({ layers }) => layers)) {
    if (packed.has(chainId)) continue;
    const blob = await images.exchange.put(chainId, place, packing);
    packed.set(chainId, { diffId, createdAt, blob });
  }
  const records = steps.map(
    ({ key, parent, layers }): CacheRecord => ({
      key,
      parent,
      layers: layers.map(({ chainId }) => packed.get(chainId) as CacheLayer),
    }),
  );
  const { content, layers } = encodeCacheConfig(unique(records));
  const config = {
    mediaType: cacheConfigType,
    digest: digestFromHex(createHash('sha256').update(content).digest('hex')),
    size: content.length,
  };
  if (!(await place.has(config.digest))) {
    await place.put(config, async function* () {
      yield content;
    });
  }
  const blobs = layers.map(({ blob }) => blob);
  // BuildKit's older form is an index of layers, which some registries refuse.
  const manifest = target.isImageManifest
    ? { mediaType: ociManifest, content: encodeManifest({ config, layers: blobs }) }
    : {
        mediaType: ociIndex,
        content: Buffer.from(
          JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: [...blobs, config] }),
        ),
      };
  await place.name(manifest);
}

/** One for each key: stages of several platforms share steps. */
function unique(records: readonly CacheRecord[]): readonly CacheRecord[] {
  return [...new Map(records.map(record => [record.key, record])).values()];
}
