import { basename } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type Digest, digestFromHex } from '../../../common/digest.ts';
import { parseReference, type Reference } from '../../../common/reference.ts';
import { sinkOf } from '../../runtime/fs-streams.ts';
import type { ByteSink } from '../../runtime/types.ts';
import { exportImages } from '../archive/export.ts';
import { blobPath } from '../archive/savePlan.ts';
import type { ImageContext } from '../context.ts';
import { isIndex, parseManifest } from '../manifest.ts';
import type { ArchiveWriter, BuiltImage, Descriptor, ExportedImages, ExportOptions } from '../types.ts';
import { type ClientOptions, openRepository, type RepositoryClient } from './client.ts';
import { findSources } from './push.ts';

/**
 * Push what a build made under its names: layers that a repository lacks, then configs and manifests, and last the tags.
 * Throws what {@link exportImages} and the registry's client throw.
 */
export async function exportToRegistries(
  context: ImageContext,
  images: readonly BuiltImage[],
  options: ExportOptions & Pick<ClientOptions, 'environment' | 'retry'>,
): Promise<ExportedImages> {
  const repositories = openRepositories(context, options);
  try {
    return await exportImages(context, images, { ...options, archive: registryWriter(repositories) });
  } finally {
    for (const { client } of repositories) client.close();
  }
}

interface Repository {
  readonly client: RepositoryClient;
  readonly tags: readonly string[];
  /** Other repositories of its registry, by the layers that they should have. */
  readonly sources: Promise<ReadonlyMap<Digest, string>>;
}

function openRepositories(
  context: ImageContext,
  { names, ...options }: ExportOptions & Pick<ClientOptions, 'environment' | 'retry'>,
): readonly Repository[] {
  const tags = new Map<string, { readonly reference: Reference; readonly tags: string[] }>();
  for (const reference of names.map(parseReference)) {
    const key = `${reference.domain}/${reference.path}`;
    const known = tags.get(key) ?? { reference, tags: [] };
    known.tags.push(reference.tag ?? 'latest');
    tags.set(key, known);
  }
  return [...tags.values()].map(({ reference, tags }) => ({
    client: openRepository(reference, { ...options, actions: 'pull,push' }),
    tags,
    sources: findSources(context, reference),
  }));
}

/** Layers are sent as they come; documents wait for the index, which says what they are. */
function registryWriter(repositories: readonly Repository[]): ArchiveWriter {
  const documents = new Map<string, Buffer>();
  return {
    directory: async () => undefined,
    async file(name, content) {
      documents.set(name, Buffer.from(content));
    },
    async stream({ name, size }, produce) {
      const blob = { digest: digestFromHex(basename(name)), size };
      for (const { client, sources } of repositories) {
        if (await client.hasBlob(blob.digest)) continue;
        const from = (await sources).get(blob.digest);
        await client.pushBlob(blob, { content: () => chunksOf(produce), from });
      }
    },
    async end() {
      const index = parseManifest(documents.get('index.json') ?? Buffer.alloc(0), { what: 'The index' });
      const [top] = isIndex(index) ? index.manifests : [];
      if (top === undefined) return;
      for (const { client, tags } of repositories) {
        await pushDocuments(client, top, documents);
        const { mediaType, content } = manifestIn(documents, top);
        for (const tag of tags) await client.pushManifest(tag, { mediaType, content });
      }
    },
  };
}

/** What a manifest or index names; itself it is pushed by who names it. */
async function pushDocuments(
  client: RepositoryClient,
  entry: Descriptor,
  documents: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const { content, mediaType } = manifestIn(documents, entry);
  const parsed = parseManifest(content, { declared: mediaType, what: 'The manifest' });
  if (!isIndex(parsed)) {
    const { config } = parsed;
    const document = documents.get(blobPath(config.digest));
    if (document === undefined || (await client.hasBlob(config.digest))) return;
    await client.pushBlob(config, { content: () => Readable.from([document]) });
    return;
  }
  for (const one of parsed.manifests) {
    await pushDocuments(client, one, documents);
    await client.pushManifest(one.digest, manifestIn(documents, one));
  }
}

function manifestIn(
  documents: ReadonlyMap<string, Buffer>,
  { digest, mediaType }: Descriptor,
): { readonly mediaType: string; readonly content: Buffer } {
  const content = documents.get(blobPath(digest)) ?? Buffer.alloc(0);
  return { mediaType, content };
}

/** What `produce` writes, at the reader's pace. Who stops reading waits until it has ended. */
async function* chunksOf(produce: (write: ByteSink) => Promise<void>): AsyncIterable<Uint8Array> {
  const stream = new PassThrough();
  const produced = produce(sinkOf(stream)).then(
    () => stream.end(),
    error => stream.destroy(error),
  );
  try {
    yield* stream;
  } finally {
    stream.destroy();
    await produced;
  }
}
