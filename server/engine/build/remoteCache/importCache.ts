import { isSampanError, SampanError } from '../../../common/errors.ts';
import { choosePlatform, type Platform } from '../../../common/platform.ts';
import { parseImageConfig } from '../../image/config.ts';
import type { BlobPlace, BlobSource } from '../../image/exchange/types.ts';
import { type Index, isIndex, isRunnable, type Manifest, parseManifest } from '../../image/manifest.ts';
import type { Descriptor } from '../../image/types.ts';
import { chainIdsOf } from '../../snapshot/chain.ts';
import type { ChainId, SnapshotInfo } from '../../snapshot/types.ts';
import type { BuildCache } from '../buildCache.ts';
import type { BuilderParts } from '../buildContext.ts';
import { reportStep } from '../progress.ts';
import { cancelled } from '../stepFailure.ts';
import type { BuildEvent } from '../types.ts';
import {
  type CacheLayer,
  cacheConfigType,
  decodeCacheConfig,
  decodeInline,
  type ImportedCache,
} from './config.ts';

/** A cache that was opened for one build. */
export interface OpenedCache {
  readonly source: BlobSource;
  readonly records: ImportedCache;
  readonly name: string;
}

export interface ImportOptions {
  readonly platform: Platform;
  readonly signal: AbortSignal;
  readonly onProgress: (event: BuildEvent) => void;
}

/**
 * Read what caches elsewhere hold. One that is not there or cannot be read is told as a failed step, and the build
 * goes on without it, as BuildKit does.
 */
export async function openCaches(
  parts: Pick<BuilderParts, 'images'>,
  places: readonly BlobPlace[],
  options: ImportOptions,
): Promise<readonly OpenedCache[]> {
  const opened = await Promise.all(places.map(place => openCache(parts, place, options)));
  return opened.filter(one => one !== undefined);
}

async function openCache(
  { images }: Pick<BuilderParts, 'images'>,
  place: BlobPlace,
  { platform, signal, onProgress }: ImportOptions,
): Promise<OpenedCache | undefined> {
  const name = placeName(place);
  const id = `import ${name}`;
  const text = `importing cache manifest from ${name}`;
  onProgress({ kind: 'plan', steps: [{ id, name: text, stage: '', inputs: [] }] });
  const step = reportStep(onProgress, id);
  let source: BlobSource | undefined;
  try {
    source = await images.exchange.source(place, { signal });
    const records = await readCache(source, { platform, what: name });
    step.done({ cached: false });
    return { source, records, name };
  } catch (error) {
    await source?.close();
    const failure = signal.aborted ? cancelled() : error;
    step.failed(failure);
    if (signal.aborted) throw failure;
    return undefined;
  }
}

export function placeName(place: BlobPlace): string {
  return place.kind === 'registry' ? place.reference : place.folder;
}

/** A cache manifest, one in the older form of an index, or an image with an inline cache. */
async function readCache(
  source: BlobSource,
  { platform, what }: { readonly platform: Platform; readonly what: string },
): Promise<ImportedCache> {
  const { content, mediaType } = await source.top();
  const parsed = parseManifest(content, { declared: mediaType, what });
  const config = isIndex(parsed)
    ? parsed.manifests.find(one => one.mediaType === cacheConfigType)
    : parsed.config;
  if (config?.mediaType === cacheConfigType) return decodeCacheConfig(await source.read(config), what);
  return readInline(source, {
    manifest: await imageManifest(source, { parsed, platform, what }),
    platform,
    what,
  });
}

async function imageManifest(
  source: BlobSource,
  {
    parsed,
    platform,
    what,
  }: { readonly parsed: Manifest | Index; readonly platform: Platform; readonly what: string },
): Promise<Manifest> {
  if (!isIndex(parsed)) return parsed;
  const offered = parsed.manifests
    .filter(isRunnable)
    .flatMap(value => (value.platform ? [{ platform: value.platform, value }] : []));
  const chosen = choosePlatform(platform, offered);
  const below = chosen && (await source.manifest(chosen.digest));
  const manifest = below && parseManifest(below.content, { declared: below.mediaType, what });
  if (manifest && !isIndex(manifest)) return manifest;
  throw new SampanError('not-found', `${what} holds no cache for this platform.`);
}

async function readInline(
  source: BlobSource,
  {
    manifest,
    platform,
    what,
  }: { readonly manifest: Manifest; readonly platform: Platform; readonly what: string },
): Promise<ImportedCache> {
  const config = await source.read(manifest.config);
  const { rootfs, created = '' } = parseImageConfig(config, platform);
  const layers = rootfs.diff_ids.flatMap((diffId, index): CacheLayer | [] => {
    const blob: Descriptor | undefined = manifest.layers[index];
    return blob ? { diffId, blob, createdAt: created } : [];
  });
  const records = decodeInline(config, { what, layers });
  if (records.size > 0) return records;
  throw new SampanError('not-found', `The image ${what} has no inline cache.`, {
    hint: 'Build it with --cache-to type=inline.',
  });
}

/** A cache that also looks into others: what is found there is fetched, verified and kept here. */
export function withImports(
  cache: BuildCache,
  { images, snapshots }: Pick<BuilderParts, 'images' | 'snapshots'>,
  { caches, signal }: { readonly caches: readonly OpenedCache[]; readonly signal: AbortSignal },
): BuildCache {
  if (caches.length === 0) return cache;
  return {
    ...cache,
    async findStep(key, parent) {
      const here = await cache.findStep(key, parent);
      if (here) return here;
      for (const { source, records, name } of caches) {
        const layers = records.get(key);
        const top = layers && topOn(layers, parent);
        if (!layers || top === undefined) continue;
        const fetched = await fetchLayers({ layers, top, source });
        if (!fetched) continue;
        await cache.saveStep(key, { chainId: top, name: `imported from ${name}` });
        return fetched;
      }
      return undefined;
    },
  };

  /** Undefined when the cache cannot give what it promised: then the step is made. */
  async function fetchLayers({
    layers,
    top,
    source,
  }: {
    readonly layers: readonly CacheLayer[];
    readonly top: ChainId;
    readonly source: BlobSource;
  }): Promise<SnapshotInfo | undefined> {
    try {
      await images.exchange.apply(layers, source, { signal });
      return await snapshots.get(top);
    } catch (error) {
      if (signal.aborted || !isSampanError(error) || error.code === 'disk-full') throw error;
      return undefined;
    }
  }
}

/** The chainID of the topmost layer if the one below it is `parent`. */
function topOn(layers: readonly CacheLayer[], parent: ChainId | undefined): ChainId | undefined {
  const chainIds = chainIdsOf(layers.map(({ diffId }) => diffId));
  return chainIds.at(-2) === parent ? chainIds.at(-1) : undefined;
}
