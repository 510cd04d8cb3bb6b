import type { Digest } from '../../common/digest.ts';
import { parseReference } from '../../common/reference.ts';
import type { FsSession } from '../runtime/types.ts';
import { chainIdsOf } from '../snapshot/chain.ts';
import type { Snapshots } from '../snapshot/snapshots.ts';
import { type Survey, survey, whole } from '../store/damage.ts';
import type { Store } from '../store/store.ts';
import { readAccounts } from './accounts.ts';
import { exportImages } from './archive/export.ts';
import { loadImages } from './archive/load.ts';
import { saveImages } from './archive/save.ts';
import { openTarWriter } from './archive/tarWriter.ts';
import { type ImageContext, type Kept, openImageContext } from './context.ts';
import { collectGarbage, removeImage } from './deletion.ts';
import { blobExchange } from './exchange/exchange.ts';
import { importImage } from './import.ts';
import { findReadable, type NamedImage, noSuchImage } from './lookup.ts';
import { damageToImage, type ImageRecord } from './records.ts';
import { registerImage, tagImage, tagName, untagImage } from './registration.ts';
import type { Image, ImageLayer, ImageStore, PushedImage } from './types.ts';

/**
 * The images of a store. `openFs` gives sessions to unpack and read layers with. `keep` names what the
 * build cache and the containers need beyond what images need, so that removing an image frees exactly the
 * rest at once. `warn` hears what a user should know although an operation succeeds.
 */
export function openImageStore(options: {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly openFs: () => Promise<FsSession>;
  readonly keep: () => Promise<Kept>;
  readonly warn: (message: string) => void;
}): ImageStore {
  const context = openImageContext(options);
  const { records } = context;

  async function find(nameOrId: string): Promise<Image | undefined> {
    const [images, references] = await Promise.all([records.images(), records.references()]);
    const found = findReadable(nameOrId, { images, references });
    return found && imageOf(context, found.record, references.found);
  }

  async function resolve(nameOrId: string): Promise<Image> {
    const image = await find(nameOrId);
    if (image === undefined) throw noSuchImage(nameOrId);
    return image;
  }

  async function all(): Promise<Survey<Image>> {
    const [images, references] = await Promise.all([records.images(), records.references()]);
    const read = await survey(images.found.map(record => imageOf(context, record, references.found)));
    return {
      found: read.found.toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(a.id, b.id)),
      damaged: [...images.damaged, ...read.damaged, ...references.damaged],
    };
  }

  return {
    list: async () => whole(await all()),
    survey: all,
    resolve,
    find,
    layers: image => layersOf(context, image),
    async create(config, { tags }) {
      return resolve(await registerImage(context, { config, names: tags.map(tagName) }));
    },
    tag: (image, reference) => tagImage(context, image, reference),
    untag: reference => untagImage(context, reference),
    accounts: async image => readAccounts(context, await resolve(image)),
    remove: (nameOrId, options) => removeImage(context, nameOrId, options),
    async pull(reference, options) {
      // Loaded when it is needed: HTTP and TLS cost more than the rest of a start.
      const { pullImage } = await import('./registry/pull.ts');
      return resolve(await pullImage(context, reference, { ...options, environment: process.env }));
    },
    async push(reference, { all, ...options }) {
      const { pushImage, tagsToPush } = await import('./registry/push.ts');
      const pushed: PushedImage[] = [];
      for (const one of all ? await tagsToPush(context, reference) : [reference]) {
        pushed.push(await pushImage(context, one, { ...options, environment: process.env }));
      }
      return pushed;
    },
    async login(given, signal) {
      const { login } = await import('./registry/login.ts');
      return login(given, { signal, environment: process.env });
    },
    async logout(registry) {
      const { logout } = await import('./registry/login.ts');
      return logout(registry, process.env);
    },
    exchange: blobExchange(context),
    async unpackLayout(place, options) {
      const { unpackLayoutImage } = await import('./archive/layoutImage.ts');
      return unpackLayoutImage(context, place, options);
    },
    async registryTags(repository, signal) {
      const { listTags } = await import('./registry/listTags.ts');
      return listTags(repository, { signal, environment: process.env });
    },
    async load(path, options = {}) {
      const loaded = await loadImages(context, { ...options, path });
      return Promise.all(
        [...loaded].map(async ([id, tags]) => ({ ...(await resolve(id)), tags: tags.toSorted(compare) })),
      );
    },
    save: (namesOrIds, sink, options) => saveImages(context, sink, { ...options, namesOrIds }),
    async export(images, { to, ...options }) {
      if ('sink' in to) {
        return exportImages(context, images, { ...options, archive: openTarWriter(to.sink) });
      }
      if ('writer' in to) return exportImages(context, images, { ...options, archive: to.writer });
      const { exportToRegistries } = await import('./registry/exportToRegistries.ts');
      return exportToRegistries(context, images, { ...options, environment: process.env });
    },
    import: async (tar, options) => resolve(await importImage(context, tar, options)),
    collect: (options = {}) => collectGarbage(context, options),
  };
}

async function imageOf(
  context: ImageContext,
  record: ImageRecord,
  references: readonly NamedImage[],
): Promise<Image> {
  const { config, chainIds } = await context.facts(record).catch(error => {
    throw damageToImage(record.id)(error);
  });
  const names = references.filter(one => one.image === record.id).map(one => one.reference);
  return {
    id: record.id,
    config,
    tags: names.filter(name => !hasDigest(name)).sort(compare),
    repoDigests: names.filter(hasDigest).sort(compare),
    chainId: chainIds.at(-1),
    size: record.size,
    createdAt: record.createdAt,
  };
}

async function layersOf({ snapshots }: ImageContext, { config }: Image): Promise<readonly ImageLayer[]> {
  const { diff_ids: diffIds } = config.rootfs;
  return Promise.all(
    chainIdsOf(diffIds).map(async (chainId, index) => {
      const size = (await snapshots.get(chainId))?.contentSize;
      return { diffId: diffIds[index] as Digest, chainId, ...(size === undefined ? {} : { size }) };
    }),
  );
}

function hasDigest(reference: string): boolean {
  return parseReference(reference).digest !== undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
