import type { Digest } from '../../../common/digest.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import type { BlobStore } from '../../store/blobs.ts';
import type { Descriptor, PullProgress } from '../types.ts';
import type { RepositoryClient } from './client.ts';
import { downloadBlob } from './download.ts';
import { shortId, throttled } from './transfers.ts';

/** Downloads that run ahead of the unpacking. */
export interface LayerDownloads {
  /** Resolves when the layer is in the blob store; rejects with its failure. */
  wait(layer: Descriptor): Promise<LayerBlob>;
  /** Ends what still runs, keeping its bytes, and waits for that. */
  close(): Promise<void>;
}

/** As docker: `max-concurrent-downloads`. */
const parallel = 3;

/** Begin to download `layers` in order, three at a time. Layers with one digest are fetched once. */
export function openLayerDownloads(options: {
  readonly client: RepositoryClient;
  readonly layers: readonly Descriptor[];
  readonly blobs: BlobStore;
  readonly host: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: PullProgress) => void) | undefined;
}): LayerDownloads {
  const stop = new AbortController();
  const queue: { readonly layer: Descriptor; readonly settle: Settle }[] = [];
  const results = new Map<Digest, Promise<LayerBlob>>();
  for (const layer of options.layers) {
    if (results.has(layer.digest)) continue;
    const { promise, settle } = deferred<LayerBlob>();
    // Nobody may be waiting for it yet when it fails.
    promise.catch(() => undefined);
    results.set(layer.digest, promise);
    queue.push({ layer, settle });
    options.onProgress?.({ id: shortId(layer.digest), status: 'waiting', total: layer.size });
  }
  let failure: unknown;

  async function work(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { layer, settle } = next;
      try {
        stop.signal.throwIfAborted();
        await download(layer);
        settle.resolve({ mediaType: layer.mediaType, digest: layer.digest, size: layer.size });
      } catch (error) {
        // The first failure is the cause; those of downloads that it ended say nothing.
        failure ??= error;
        settle.reject(failure);
        stop.abort();
      }
    }
  }

  async function download(layer: Descriptor): Promise<void> {
    const tell = throttled(current =>
      options.onProgress?.({ id: shortId(layer.digest), status: 'downloading', current, total: layer.size }),
    );
    await downloadBlob(options.client, layer, { ...options, signal: stop.signal, onProgress: tell });
    options.onProgress?.({
      id: shortId(layer.digest),
      status: 'verifying',
      current: layer.size,
      total: layer.size,
    });
  }

  const abort = () => stop.abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  const workers = Array.from({ length: parallel }, work);

  return {
    wait: layer =>
      results.get(layer.digest) ?? Promise.reject(new Error(`${layer.digest} was not asked for`)),
    async close() {
      options.signal?.removeEventListener('abort', abort);
      stop.abort();
      await Promise.all(workers);
    },
  };
}

interface Settle {
  readonly resolve: (blob: LayerBlob) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly settle: { resolve(value: T): void; reject(error: unknown): void };
} {
  let settle = { resolve: (_value: T) => {}, reject: (_error: unknown) => {} };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, settle };
}
