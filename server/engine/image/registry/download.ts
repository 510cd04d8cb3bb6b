import { isSampanError, SampanError } from '../../../common/errors.ts';
import type { LayerBlob } from '../../snapshot/types.ts';
import type { BlobStore } from '../../store/blobs.ts';
import type { PartialBlob } from '../../store/partial.ts';
import type { BlobStream, RepositoryClient } from './client.ts';
import { unreachable } from './failures.ts';
import { retrying } from './retry.ts';

/**
 * Bring a blob into the store. A cut connection goes on where it was (`Range`), within this call and in
 * later ones; what does not match its digest or size in the end is thrown away.
 * Throws `image-invalid`, and what {@link RepositoryClient.blob} throws; then the bytes so far are kept.
 */
export async function downloadBlob(
  client: RepositoryClient,
  blob: LayerBlob,
  options: {
    readonly blobs: BlobStore;
    readonly host: string;
    readonly signal: AbortSignal | undefined;
    /** Bytes that are there. */
    readonly onProgress: (current: number) => void;
  },
): Promise<void> {
  if ((await options.blobs.size(blob.digest)) === blob.size) return options.blobs.touch(blob.digest);
  const what = `The layer ${blob.digest}`;
  for (let again = false; ; again = true) {
    const partial = await options.blobs.partial(blob.digest);
    const resumed = partial.offset > 0;
    try {
      await fill(partial, { ...options, client, blob });
      await partial.commit({ digest: blob.digest, size: blob.size, what });
      return;
    } catch (error) {
      // Half a layer on a full disk only keeps others from working.
      if (isSampanError(error, 'disk-full')) await partial.discard();
      // Bytes of an earlier run may be the damaged ones: once more, all anew.
      if (resumed && !again && error instanceof SampanError && error.code === 'image-invalid') continue;
      throw error;
    } finally {
      await partial.suspend();
    }
  }
}

async function fill(
  partial: PartialBlob,
  options: Parameters<typeof downloadBlob>[2] & {
    readonly client: RepositoryClient;
    readonly blob: LayerBlob;
  },
): Promise<void> {
  const { client, blob, signal, onProgress } = options;
  if (partial.offset > blob.size) await partial.restart();
  await retrying(
    async () => {
      if (partial.offset === blob.size) return;
      const stream = await openAt(partial, options);
      if (stream.start !== partial.offset) await partial.restart();
      if (stream.start !== partial.offset) throw broken(options.host);
      for await (const chunk of stream.body) {
        if (partial.offset + chunk.length > blob.size) throw tooLong(blob);
        await partial.write(chunk);
        onProgress(partial.offset);
      }
      // A server that closes early without an error, as a proxy does.
      if (partial.offset < blob.size) throw broken(options.host);
    },
    { policy: client.retry, signal, progress: () => partial.offset },
  );
}

/** A registry that has less than we do answers 416: what we have is not this blob, so begin anew. */
async function openAt(
  partial: PartialBlob,
  { client, blob, signal }: Parameters<typeof fill>[1],
): Promise<BlobStream> {
  try {
    return await client.blob(blob.digest, { start: partial.offset, signal });
  } catch (error) {
    if (!isSampanError(error, 'registry-refused') || error.detail.status !== 416) throw error;
    await partial.restart();
    return client.blob(blob.digest, { start: 0, signal });
  }
}

function broken(host: string): SampanError {
  const cause = Object.assign(new Error('the connection broke off'), { code: 'ECONNRESET' });
  return unreachable(host, cause);
}

function tooLong(blob: LayerBlob): SampanError {
  return new SampanError(
    'image-invalid',
    `The layer ${blob.digest} is longer than the ${blob.size} bytes that were promised.`,
    { hint: 'Try again; when it happens again, the registry or a proxy before it changes data.' },
  );
}
