import type { Digest } from '../../../common/digest.ts';
import { SampanError } from '../../../common/errors.ts';
import { asCancelled, throwIfCancelled } from '../cancellation.ts';
import type { ImageContext } from '../context.ts';
import { lazySession, type SessionSource, unpackLayers } from '../layers.ts';
import { registerImage } from '../registration.ts';
import type { Descriptor } from '../types.ts';
import { findDockerImage, readDockerManifest } from './dockerArchive.ts';
import type { ArchiveFiles } from './files.ts';
import type { FoundImage } from './found.ts';
import { findLayoutImage, nameOf, readLayoutIndex } from './ociLayout.ts';
import { openArchive } from './source.ts';

export interface LoadOptions {
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/**
 * Read all images of a docker archive or OCI layout. Everything is read and verified (digests, sizes,
 * diffIDs) before the first image gets its name. Returns the names that each got, in the order of the archive.
 */
export async function loadImages(
  context: ImageContext,
  options: LoadOptions,
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const session = lazySession(context.openFs);
  let files: ArchiveFiles | undefined;
  try {
    files = await openArchive(context.store, options);
    const images = await findImages(context, files);
    for (const image of images) await unpack(context, image, { ...options, session });
    throwIfCancelled(options.signal, `Loading ${options.path}`);
    const loaded = new Map<Digest, readonly string[]>();
    for (const image of images) {
      const id = await register(context, image);
      loaded.set(id, [...(loaded.get(id) ?? []), ...image.names]);
    }
    return loaded;
  } catch (error) {
    throw asCancelled(error, { signal: options.signal, what: `Loading ${options.path}` });
  } finally {
    await session.close();
    await files?.close();
  }
}

/** An OCI layout wins, because it tells digests; names that only `manifest.json` has are taken from there. */
async function findImages(context: ImageContext, files: ArchiveFiles): Promise<readonly FoundImage[]> {
  const docker = await readDockerManifest(files);
  const layout = await readLayoutIndex(files);
  if (layout !== undefined && layout.length > 0) {
    const groups = [...groupByName(layout)];
    return Promise.all(
      groups.map(([name, entries]) =>
        findLayoutImage(context, { files, entries, names: typeof name === 'string' ? [name] : [] }),
      ),
    ).then(images => addDockerNames(context, { files, docker: docker ?? [], images }));
  }
  if (docker !== undefined) {
    return Promise.all(docker.map(entry => findDockerImage(context, { files, entry })));
  }
  throw new SampanError(
    'image-invalid',
    'The archive holds no image: it has neither a manifest.json (docker archive) nor an index.json (OCI layout).',
    { hint: 'A tar of a root file system is read with "sampan import".' },
  );
}

/** Entries of one name belong together (an image for several platforms); one without a name stands alone. */
function groupByName(entries: readonly Descriptor[]): ReadonlyMap<string | Descriptor, Descriptor[]> {
  const groups = new Map<string | Descriptor, Descriptor[]>();
  for (const entry of entries) {
    const key = nameOf(entry) ?? entry;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return groups;
}

/** skopeo's and umoci's layouts may carry docker's manifest.json beside entries that have only a tag. */
async function addDockerNames(
  context: ImageContext,
  found: {
    readonly files: ArchiveFiles;
    readonly docker: Awaited<ReturnType<typeof readDockerManifest>> & object;
    readonly images: readonly FoundImage[];
  },
): Promise<readonly FoundImage[]> {
  if (found.images.every(image => image.names.length > 0)) return found.images;
  const named = await Promise.all(
    found.docker.map(entry => findDockerImage(context, { files: found.files, entry })),
  );
  return found.images.map(image => {
    const same = named.filter(one => one.config.equals(image.config)).flatMap(one => one.names);
    return image.names.length > 0 ? image : { ...image, names: same };
  });
}

async function unpack(
  context: ImageContext,
  image: FoundImage,
  options: LoadOptions & { readonly session: SessionSource },
): Promise<void> {
  const total = image.diffIds.length;
  const label = image.names[0] ?? 'image';
  const tell = (index: number, act: string) =>
    options.onProgress?.(`${label}: ${act} layer ${index + 1}/${total}`);
  const supply = {
    diffIds: image.diffIds,
    fetch: (index: number) => {
      tell(index, 'reading');
      return image.fetch(index);
    },
    onUnpack: (index: number) => tell(index, 'unpacking'),
    onExists: (index: number) => tell(index, 'has'),
  };
  await unpackLayers(context, supply, options);
}

async function register(context: ImageContext, image: FoundImage): Promise<Digest> {
  const { config, names } = image;
  if (image.manifest === undefined) return registerImage(context, { config, names });
  const { mediaType, content } = image.manifest;
  const digest = await context.store.blobs.put(content);
  return registerImage(context, { config, names, manifest: { mediaType, digest, size: content.length } });
}
