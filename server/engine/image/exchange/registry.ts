import { createHash } from 'node:crypto';
import { digestFromHex } from '../../../common/digest.ts';
import { parseReference, withDefaultTag } from '../../../common/reference.ts';
import type { ImageContext } from '../context.ts';
import type { BlobPlace, BlobSource, BlobTarget } from './types.ts';

type RegistryPlace = Extract<BlobPlace, { readonly kind: 'registry' }>;

/** A name in a registry to read from. */
export async function registrySource(
  { store }: ImageContext,
  { reference }: RegistryPlace,
  signal: AbortSignal,
): Promise<BlobSource> {
  const { openRepository } = await import('../registry/client.ts');
  const { downloadBlob } = await import('../registry/download.ts');
  const name = withDefaultTag(parseReference(reference));
  const client = openRepository(name, { signal, environment: process.env });
  const { blobs } = store;
  const fetch: BlobSource['fetch'] = blob =>
    downloadBlob(client, blob, { blobs, host: name.domain, signal, onProgress: () => {} });
  return {
    top: () => client.manifest(name.digest ?? name.tag ?? 'latest'),
    manifest: digest => client.manifest(digest),
    fetch,
    async read(blob) {
      await fetch(blob);
      return blobs.read(blob.digest);
    },
    close: async () => client.close(),
  };
}

/** A name in a registry to write to. */
export async function registryTarget({ reference }: RegistryPlace, signal: AbortSignal): Promise<BlobTarget> {
  const { openRepository } = await import('../registry/client.ts');
  const name = withDefaultTag(parseReference(reference));
  const client = openRepository(name, { signal, environment: process.env, actions: 'pull,push' });
  return {
    has: digest => client.hasBlob(digest),
    async put(blob, content) {
      await client.pushBlob(blob, { content, signal });
    },
    async name({ mediaType, content }) {
      await client.pushManifest(name.tag ?? 'latest', { mediaType, content });
      return digestFromHex(createHash('sha256').update(content).digest('hex'));
    },
    close: async () => client.close(),
  };
}
