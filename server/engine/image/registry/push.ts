import { Readable } from 'node:stream';
import type { Digest } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import { formatPlatform, type Platform, platformRank } from '../../../common/platform.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../../common/reference.ts';
import type { LayerBlob, SnapshotInfo } from '../../snapshot/types.ts';
import { unlessDamaged } from '../../store/damage.ts';
import { requireLayer, storedBlob } from '../archive/blobs.ts';
import { asCancelled, throwIfCancelled } from '../cancellation.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, type SessionSource } from '../layers.ts';
import { findReadable } from '../lookup.ts';
import { encodeManifest, isIndex, type Manifest, parseManifest } from '../manifest.ts';
import { ociConfig, ociManifest } from '../media-types.ts';
import { packLayer } from '../packing.ts';
import type { ImageRecord } from '../records.ts';
import { registerImage } from '../registration.ts';
import type { PushedImage, PushOptions, PushProgress } from '../types.ts';
import { type ClientOptions, openRepository, type RepositoryClient } from './client.ts';
import { eachAtOnce, shortId, throttled } from './transfers.ts';

/** As docker: `max-concurrent-uploads`. */
const parallel = 5;

/**
 * Push an image under a tag that it has here: layers that the repository lacks (taken over from another repository of
 * the registry where that is known to have them), config, and last the manifest, which alone makes it visible. An image
 * that came from a registry keeps its manifest and so its digest. Layers made here are packed with gzip, once: the
 * manifest is remembered, and what it names is asked for before it is made again.
 *
 * Throws `not-found`, `invalid-argument` for a reference with a digest, and what the registry's client throws.
 */
export async function pushImage(
  context: ImageContext,
  reference: string,
  options: PushOptions & Pick<ClientOptions, 'environment' | 'timeouts' | 'retry'>,
): Promise<PushedImage> {
  const wanted = toPush(reference);
  const record = await find(context, wanted, options.platform);
  const client = openRepository(wanted, { ...options, actions: 'pull,push' });
  const session = lazySession(context.openFs);
  try {
    return await new Push(context, { wanted, record, client, session, options }).run();
  } catch (error) {
    throw asCancelled(error, { signal: options.signal, what: `Pushing ${familiarReference(wanted)}` });
  } finally {
    client.close();
    await session.close();
  }
}

/** The tags of a repository that are here, canonical, in their order. Throws `not-found` when there is none. */
export async function tagsToPush({ records }: ImageContext, repository: string): Promise<readonly string[]> {
  const { domain, path, tag, digest } = parseReference(repository);
  if (tag !== undefined || digest !== undefined) {
    throw new SampanError('invalid-argument', 'A tag cannot be given together with all tags.', {
      hint: 'Leave out the tag, or --all-tags.',
      detail: { reference: repository },
    });
  }
  const { found } = await records.references();
  const tags = found.filter(one => one.reference.startsWith(`${domain}/${path}:`)).map(one => one.reference);
  if (tags.length === 0) throw noSuchTag({ domain, path, tag, digest });
  return tags.sort();
}

function toPush(reference: string): Reference & { readonly tag: string } {
  const parsed = withDefaultTag(parseReference(reference));
  if (parsed.digest === undefined && parsed.tag !== undefined) return { ...parsed, tag: parsed.tag };
  throw new SampanError('invalid-argument', 'cannot push a digest reference', {
    hint: 'Give a tag: NAME:TAG.',
    detail: { reference },
  });
}

async function find(
  { records, facts }: ImageContext,
  wanted: Reference,
  platform: Platform | undefined,
): Promise<ImageRecord> {
  const [images, references] = await Promise.all([records.images(), records.references()]);
  const name = canonicalReference(wanted);
  const found = findReadable(name, { images, references });
  if (found === undefined) throw noSuchTag(wanted);
  if (platform === undefined) return found.record;
  const { config } = await facts(found.record);
  if (platformRank(platform, config) !== undefined) return found.record;
  throw new SampanError(
    'not-found',
    `The image ${familiarReference(wanted)} is for ${formatPlatform(config)}, not for ${formatPlatform(platform)}.`,
    { hint: 'Leave out --platform, or pull or build the image for that platform first.' },
  );
}

/** Docker's words: scripts look for them. */
function noSuchTag({ domain, path, tag }: Reference): SampanError {
  const given = tag === undefined ? `${domain}/${path}` : `${domain}/${path}:${tag}`;
  return new SampanError('not-found', `An image does not exist locally with the tag: ${given}`, {
    hint: 'Give an image that name with "sampan tag", or list the names with "sampan images".',
    detail: { reference: given },
  });
}

function sameLayers(first: readonly LayerBlob[], second: readonly LayerBlob[]): boolean {
  return (
    first.length === second.length && first.every(({ digest }, index) => digest === second[index]?.digest)
  );
}

/** One push. */
class Push {
  readonly #context: ImageContext;
  readonly #wanted: Reference & { readonly tag: string };
  readonly #record: ImageRecord;
  readonly #client: RepositoryClient;
  readonly #session: SessionSource;
  readonly #options: PushOptions;
  readonly #uploads = new Map<Digest, Promise<void>>();
  #packing: Promise<unknown> = Promise.resolve();
  #sources: Promise<ReadonlyMap<Digest, string>> | undefined;

  constructor(
    context: ImageContext,
    parts: {
      readonly wanted: Reference & { readonly tag: string };
      readonly record: ImageRecord;
      readonly client: RepositoryClient;
      readonly session: SessionSource;
      readonly options: PushOptions;
    },
  ) {
    this.#context = context;
    this.#wanted = parts.wanted;
    this.#record = parts.record;
    this.#client = parts.client;
    this.#session = parts.session;
    this.#options = parts.options;
  }

  async run(): Promise<PushedImage> {
    const { store } = this.#context;
    const { chainIds } = await this.#context.facts(this.#record);
    const known = await readManifest(store, this.#record);
    const layers = await eachAtOnce(chainIds, parallel, (chainId, index) =>
      this.#pushLayer(chainId, known?.manifest.layers[index]),
    );
    const config = await store.blobs.read(this.#record.id);
    const configBlob = { mediaType: ociConfig, digest: this.#record.id, size: config.length };
    if (!(await this.#client.hasBlob(configBlob.digest))) {
      await this.#client.pushBlob(configBlob, { content: () => Readable.from([config]) });
    }
    const manifest =
      known !== undefined && sameLayers(known.manifest.layers, layers)
        ? { mediaType: known.manifest.mediaType, content: known.content }
        : { mediaType: ociManifest, content: encodeManifest({ config: configBlob, layers }) };
    await this.#client.pushManifest(this.#wanted.tag, manifest);
    return this.#remember(manifest, config);
  }

  /** With the manifest kept the next push need not pack what the registry has, and the image is known by the digest. */
  async #remember(
    { mediaType, content }: { readonly mediaType: string; readonly content: Buffer },
    config: Buffer,
  ): Promise<PushedImage> {
    const digest = await this.#context.store.blobs.put(content);
    const { domain, path } = this.#wanted;
    const name = canonicalReference({ domain, path, tag: undefined, digest });
    const manifest = { mediaType, digest, size: content.length };
    await registerImage(this.#context, { config, manifest, names: [name] });
    return { reference: canonicalReference(this.#wanted), digest, size: content.length };
  }

  async #pushLayer(chainId: Digest, known: LayerBlob | undefined): Promise<LayerBlob> {
    const layer = await requireLayer(this.#context, chainId);
    const id = shortId(layer.diffId);
    this.#tell({ id, status: 'preparing' });
    const wanted = (await storedBlob(this.#context, layer)) ?? known;
    if (wanted !== undefined && (await this.#client.hasBlob(wanted.digest))) {
      this.#tell({ id, status: 'exists' });
      return wanted;
    }
    const { blobs } = this.#context.store;
    const isHere = wanted !== undefined && (await blobs.size(wanted.digest)) === wanted.size;
    const blob = isHere ? wanted : await this.#pack(layer);
    await this.#upload(blob, id);
    return blob;
  }

  /** One after the other: the session reads one layer at a time. */
  #pack(layer: SnapshotInfo): Promise<LayerBlob> {
    const packed = this.#packing.then(async () => {
      throwIfCancelled(this.#options.signal, 'Packing the layer');
      const session = await this.#session.get();
      return (await packLayer(this.#context, layer, { session, compression: 'gzip' })).blob;
    });
    this.#packing = packed.catch(() => undefined);
    return packed;
  }

  /** Layers with the same content are sent once. */
  #upload(blob: LayerBlob, id: string): Promise<void> {
    let upload = this.#uploads.get(blob.digest);
    if (upload === undefined) {
      upload = this.#uploadOnce(blob, id);
      this.#uploads.set(blob.digest, upload);
    }
    return upload;
  }

  async #uploadOnce({ digest, size }: LayerBlob, id: string): Promise<void> {
    const from = await this.#sourceOf(digest);
    const tell = throttled(current => this.#tell({ id, status: 'pushing', current, total: size }));
    const done = await this.#client.pushBlob(
      { digest, size },
      {
        content: () => this.#context.store.blobs.open(digest),
        from,
        onProgress: tell,
        signal: this.#options.signal,
      },
    );
    this.#tell(
      done === 'mounted' && from !== undefined ? { id, status: done, from } : { id, status: 'pushed' },
    );
  }

  /** Another repository of this registry that should have the blob. */
  async #sourceOf(digest: Digest): Promise<string | undefined> {
    this.#sources ??= findSources(this.#context, this.#wanted);
    return (await this.#sources).get(digest);
  }

  #tell(progress: PushProgress): void {
    this.#options.onProgress?.(progress);
  }
}

/** The layers of images that came from, or went to, other repositories of the registry, each with such a repository. */
export async function findSources(
  { records, store }: ImageContext,
  { domain, path }: Reference,
): Promise<ReadonlyMap<Digest, string>> {
  const sources = new Map<Digest, string>();
  const { found } = await records.references();
  for (const { reference, image } of found) {
    const name = parseReference(reference);
    if (name.digest === undefined || name.domain !== domain || name.path === path) continue;
    const record = await unlessDamaged(records.image(image));
    const known = record && (await readManifest(store, record));
    for (const { digest } of known?.manifest.layers ?? []) sources.set(digest, name.path);
  }
  return sources;
}

/** The manifest that an image came with or was pushed with. */
async function readManifest(
  { blobs }: ImageContext['store'],
  { manifest: blob }: ImageRecord,
): Promise<{ readonly content: Buffer; readonly manifest: Manifest } | undefined> {
  const content = blob && (await unlessDamaged(blobs.read(blob.digest)));
  if (blob === undefined || content === undefined) return undefined;
  const manifest = parseManifest(content, { declared: blob.mediaType, what: 'The stored manifest' });
  return isIndex(manifest) ? undefined : { content, manifest };
}
