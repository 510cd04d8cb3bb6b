import type { Digest } from '../../common/digest.ts';
import type { FsSession } from '../runtime/types.ts';
import { chainIdsOf } from '../snapshot/chain.ts';
import type { LayerBlob } from '../snapshot/types.ts';
import { throwIfCancelled } from './cancellation.ts';
import { decompress } from './compression.ts';
import type { ImageContext } from './context.ts';

/** What a registry or archive offers for the layers of one image. */
export interface LayerSupply {
  /** From the verified config, bottom first. */
  readonly diffIds: readonly Digest[];
  /** Bring layer `index` into the blob store, verified, and say what it is. Asked only for missing layers, in order. */
  fetch(index: number): Promise<LayerBlob>;
  onExists?(index: number): void;
  onUnpack?(index: number): void;
  onDone?(index: number): void;
}

/** Gives one session, opened at the first call and closed at the end. */
export interface SessionSource {
  get(): Promise<FsSession>;
  close(): Promise<void>;
}

export function lazySession(openFs: () => Promise<FsSession>): SessionSource {
  let session: Promise<FsSession> | undefined;
  return {
    get() {
      session ??= openFs();
      return session;
    },
    async close() {
      const opened = await session?.catch(() => undefined);
      await opened?.close();
    },
  };
}

/** Unpack the layers that the snapshot store lacks, bottom first, each verified against its diffID. */
export async function unpackLayers(
  context: Pick<ImageContext, 'store' | 'snapshots'>,
  supply: LayerSupply,
  options: { readonly session: SessionSource; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const chainIds = chainIdsOf(supply.diffIds);
  for (const [index, diffId] of supply.diffIds.entries()) {
    throwIfCancelled(options.signal, 'Unpacking the image');
    const chainId = chainIds[index] as Digest;
    if ((await context.snapshots.get(chainId)) !== undefined) {
      await context.snapshots.touch([chainId]);
      supply.onExists?.(index);
      continue;
    }
    const blob = await supply.fetch(index);
    supply.onUnpack?.(index);
    const layer = { parent: chainIds[index - 1], diffId, blob };
    const tar = cancellable(decompress(context.store.blobs.open(blob.digest)), options.signal);
    await context.snapshots.apply(await options.session.get(), layer, tar);
    supply.onDone?.(index);
  }
}

async function* cancellable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    throwIfCancelled(signal, 'Unpacking the image');
    yield chunk;
  }
}
