import type { Digest } from '../../../common/digest.ts';
import { isSampanError, SampanError } from '../../../common/errors.ts';
import { choosePlatform, normalizePlatform, type Platform, platformRank } from '../../../common/platform.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../../common/reference.ts';
import { chainIdsOf } from '../../snapshot/chain.ts';
import { unlessDamaged } from '../../store/damage.ts';
import { asCancelled } from '../cancellation.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, type SessionSource, unpackLayers } from '../layers.ts';
import {
  isIndex,
  isRunnable,
  type Manifest,
  manifestMax,
  noSuchPlatform,
  parseManifest,
} from '../manifest.ts';
import { isLayerType } from '../media-types.ts';
import { registerImage } from '../registration.ts';
import type { Descriptor, PullOptions } from '../types.ts';
import { type ClientOptions, type FetchedManifest, openRepository, type RepositoryClient } from './client.ts';
import { downloadBlob } from './download.ts';
import { openLayerDownloads } from './layerDownloads.ts';

const nestingMax = 4;
/** A collection may take a layer that was there when we looked, between looking and registering. */
const attempts = 3;

/**
 * Pull one image for one platform: manifest, config, missing layers (three at a time, unpacked in order),
 * then record and names. Cancelled or failed at any point it leaves whole layers and resumable parts.
 */
export async function pullImage(
  context: ImageContext,
  reference: string,
  options: PullOptions & Pick<ClientOptions, 'environment' | 'timeouts' | 'retry'>,
): Promise<Digest> {
  const wanted = withDefaultTag(parseReference(reference));
  const platform = normalizePlatform(options.platform ?? context.host);
  const { session: given } = options;
  const session: SessionSource =
    given === undefined ? lazySession(context.openFs) : { get: async () => given, close: async () => {} };
  const client = openRepository(wanted, options);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await pullOnce(context, { wanted, platform, client, session, options });
      } catch (error) {
        if (
          !isSampanError(error, 'not-found') ||
          error.detail.chainId === undefined ||
          attempt === attempts
        ) {
          throw error;
        }
      }
    }
  } catch (error) {
    throw asCancelled(error, { signal: options.signal, what: `Pulling ${familiarReference(wanted)}` });
  } finally {
    client.close();
    await session.close();
  }
}

interface Pull {
  readonly wanted: Reference;
  readonly platform: Platform;
  readonly client: RepositoryClient;
  readonly session: SessionSource;
  readonly options: PullOptions;
}

async function pullOnce(context: ImageContext, pull: Pull): Promise<Digest> {
  const { wanted, options } = pull;
  const id = familiarReference(wanted);
  const present = await findPresent(context, pull);
  if (present !== undefined) {
    options.onProgress?.({ id, status: 'exists' });
    return present;
  }
  const top = await pull.client.manifest(wanted.digest ?? wanted.tag ?? 'latest');
  const { fetched, manifest } = await chooseManifest(top, pull);
  const config = await fetchConfig(context, { manifest, pull });
  const diffIds = parseImageConfig(config, pull.platform).rootfs.diff_ids;
  checkLayers(manifest, { id, count: diffIds.length });
  await fetchLayers(context, { pull, manifest, diffIds });
  await context.store.blobs.put(fetched.content);
  const image = await registerImage(context, {
    config,
    manifest: { mediaType: manifest.mediaType, digest: fetched.digest, size: fetched.content.length },
    names: namesOf(wanted, { top: top.digest, own: fetched.digest, keepTag: options.keepTag ?? false }),
  });
  options.onProgress?.({ id, status: 'done' });
  return image;
}

/**
 * The tag as asked, and the digest that the registry has under it, as docker's RepoDigests. An image that shall not
 * take over the tag does not take over that digest either, which may be an index for several platforms.
 */
function namesOf(
  { domain, path, tag, digest }: Reference,
  { top, own, keepTag }: { readonly top: Digest; readonly own: Digest; readonly keepTag: boolean },
): readonly string[] {
  if (keepTag) return [canonicalReference({ domain, path, tag: undefined, digest: own })];
  const names = [canonicalReference({ domain, path, tag: undefined, digest: top })];
  if (tag !== undefined && digest === undefined)
    names.push(canonicalReference({ domain, path, tag, digest }));
  return names;
}

/** The image that the tag names here already, when the registry still has the same under it: nothing to fetch. */
async function findPresent(context: ImageContext, pull: Pull): Promise<Digest | undefined> {
  const { wanted, client } = pull;
  // What cannot be read is not present: fetching it again mends it.
  const { found: references } = await context.records.references();
  const canonical = canonicalReference(wanted);
  const local = references.find(one => one.reference === canonical);
  const record = local && (await unlessDamaged(context.records.image(local.image)));
  const facts = record && (await unlessDamaged(context.facts(record)));
  if (record === undefined || facts === undefined) return undefined;
  const { config, chainIds } = facts;
  if (platformRank(pull.platform, config) !== 0) return undefined;
  const digest = await client.digestOf(wanted.digest ?? wanted.tag ?? 'latest');
  if (digest === undefined) return undefined;
  const { domain, path } = wanted;
  const name = canonicalReference({ domain, path, tag: undefined, digest });
  if (!references.some(one => one.reference === name && one.image === record.id)) return undefined;
  const layers = await Promise.all(chainIds.map(context.snapshots.get));
  return layers.includes(undefined) ? undefined : record.id;
}

async function chooseManifest(
  top: FetchedManifest,
  pull: Pull,
): Promise<{ readonly fetched: FetchedManifest; readonly manifest: Manifest }> {
  const name = familiarReference(pull.wanted);
  let fetched = top;
  for (let depth = 0; depth < nestingMax; depth += 1) {
    const parsed = parseManifest(fetched.content, { declared: fetched.mediaType, what: name });
    if (!isIndex(parsed)) return { fetched, manifest: parsed };
    const offered = parsed.manifests
      .filter(isRunnable)
      .flatMap(value => (value.platform ? [{ platform: value.platform, value }] : []));
    const chosen = choosePlatform(pull.platform, offered);
    if (chosen === undefined)
      throw noSuchPlatform(
        name,
        pull.platform,
        offered.map(one => one.platform),
      );
    fetched = await pull.client.manifest(chosen.digest);
  }
  throw new SampanError('image-invalid', `${name} is not a valid image: its indexes are nested too deeply.`);
}

async function fetchConfig(
  context: ImageContext,
  { manifest, pull }: { readonly manifest: Manifest; readonly pull: Pull },
): Promise<Buffer> {
  const { config } = manifest;
  if (config.size > manifestMax) {
    throw new SampanError(
      'image-invalid',
      `The image's config has ${config.size} bytes; at most ${manifestMax} make sense.`,
    );
  }
  const { blobs } = context.store;
  const { domain: host } = pull.wanted;
  await downloadBlob(pull.client, config, { blobs, host, signal: pull.options.signal, onProgress: () => {} });
  return blobs.read(config.digest);
}

function checkLayers(
  manifest: Manifest,
  { id, count }: { readonly id: string; readonly count: number },
): void {
  const other = manifest.layers.find(layer => !isLayerType(layer.mediaType));
  if (other === undefined && manifest.layers.length === count) return;
  const why =
    other === undefined
      ? `its manifest has ${manifest.layers.length} layers where its config has ${count}`
      : `"${other.mediaType}" is not the type of a layer`;
  throw new SampanError('image-invalid', `${id} is not a container image: ${why}.`, {
    hint: 'Registries also hold other things, such as charts and signatures: check the name.',
  });
}

async function fetchLayers(
  context: ImageContext,
  from: { readonly pull: Pull; readonly manifest: Manifest; readonly diffIds: readonly Digest[] },
): Promise<void> {
  const { client, options, session, wanted } = from.pull;
  const { layers } = from.manifest;
  const chainIds = chainIdsOf(from.diffIds);
  const present = await Promise.all(chainIds.map(context.snapshots.get));
  const downloads = openLayerDownloads({
    client,
    layers: layers.filter((_, index) => present[index] === undefined),
    blobs: context.store.blobs,
    host: wanted.domain,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const tell = (index: number, status: 'exists' | 'extracting' | 'done') => {
    const { digest } = layers[index] as Descriptor;
    options.onProgress?.({ id: digest.slice(7, 19), status });
  };
  try {
    await unpackLayers(
      context,
      {
        diffIds: from.diffIds,
        fetch: index => downloads.wait(layers[index] as Descriptor),
        onExists: index => tell(index, 'exists'),
        onUnpack: index => tell(index, 'extracting'),
        onDone: index => tell(index, 'done'),
      },
      { session, signal: options.signal },
    );
  } finally {
    await downloads.close();
  }
}
