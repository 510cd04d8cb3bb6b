import type { Digest } from '../../common/digest.ts';
import { hostPlatform, type Platform } from '../../common/platform.ts';
import type { FsSession } from '../runtime/types.ts';
import { chainIdsOf } from '../snapshot/chain.ts';
import type { Snapshots } from '../snapshot/snapshots.ts';
import type { ChainId } from '../snapshot/types.ts';
import type { Store } from '../store/store.ts';
import { parseImageConfig } from './config.ts';
import { type ImageRecord, type ImageRecords, openImageRecords } from './records.ts';
import type { ImageConfig } from './types.ts';

/** What others than images need kept: layers of the build cache, images of containers. */
export interface Kept {
  readonly chainIds: readonly ChainId[];
  readonly images: readonly Digest[];
}

/** What the operations on images share. */
export interface ImageContext {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly records: ImageRecords;
  readonly openFs: () => Promise<FsSession>;
  readonly host: Platform;
  readonly keep: () => Promise<Kept>;
  /** What a user should know although the operation succeeds. */
  readonly warn: (message: string) => void;
  /** Immutable facts of an image, read once. */
  facts(record: Pick<ImageRecord, 'id'>): Promise<ImageFacts>;
}

export interface ImageFacts {
  readonly config: ImageConfig;
  /** Of its layers, bottom first. */
  readonly chainIds: readonly ChainId[];
}

/** The context over a store; see `openImageStore` for the options. */
export function openImageContext(
  options: Pick<ImageContext, 'store' | 'snapshots' | 'openFs' | 'keep' | 'warn'>,
): ImageContext {
  const host = hostPlatform(process.arch);
  return {
    ...options,
    host,
    records: openImageRecords(options.store),
    facts: factsReader({ ...options, host }),
  };
}

/** Reads {@link ImageFacts}, remembering them by image id: a config never changes. */
function factsReader(options: Pick<ImageContext, 'store' | 'host'>): ImageContext['facts'] {
  const known = new Map<Digest, ImageFacts>();
  return async record => {
    const before = known.get(record.id);
    if (before !== undefined) return before;
    const config = parseImageConfig(await options.store.blobs.read(record.id), options.host);
    const facts = { config, chainIds: chainIdsOf(config.rootfs.diff_ids) };
    known.set(record.id, facts);
    return facts;
  };
}
