import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { SampanError } from '../../common/errors.ts';
import { sinkOf } from '../runtime/fs-streams.ts';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { ByteSink, EntryInfo, Owner, Place } from '../runtime/types.ts';
import { withContainerFiles, withSession } from './containerFiles.ts';
import type { ContainerContext } from './context.ts';
import { copyPlace } from './copyPlace.ts';

/** A path of the host (absolute, as it was given: a `/` or `/.` at the end counts), or a tar. */
export type CopyOrigin =
  | { readonly path: string; readonly tar?: undefined }
  | { readonly tar: AsyncIterable<Uint8Array>; readonly path?: undefined };
export type CopyGoal =
  | { readonly path: string; readonly sink?: undefined }
  | { readonly sink: ByteSink; readonly path?: undefined };

export interface CopyOptions {
  /** A path in the container, from its root. */
  readonly path: string;
  /** Owners of the source; otherwise all belong to the user on the host, to root in the container. */
  readonly keepOwners?: boolean;
  /** What a link at the source names instead of the link. */
  readonly followLink?: boolean;
}

/** `cp CONTAINER:PATH …`. Throws `not-found`, and what {@link copyPlace} does. */
export async function copyFromContainer(
  context: ContainerContext,
  id: string,
  options: CopyOptions & { readonly to: CopyGoal },
): Promise<void> {
  await withContainerFiles(context, id, async files => {
    const source = await files.place(options.path, { writes: false });
    const found = await findSource(source, options);
    if (options.to.sink)
      return source.rootfs.archive(found.archived, { sink: options.to.sink, as: found.base });
    const { path } = options.to;
    await withSession(context, async session => {
      const host = { rootfs: await session.openDirectory('/'), path };
      await transfer(found, { source, destination: host, owner: ownerFor(options) });
    });
  });
}

/** `cp … CONTAINER:PATH`. A tar is unpacked into the directory that the path is. */
export async function copyToContainer(
  context: ContainerContext,
  id: string,
  options: CopyOptions & { readonly from: CopyOrigin },
): Promise<void> {
  const owner = ownerFor(options);
  await withContainerFiles(context, id, async files => {
    const destination = await files.place(options.path, { writes: true });
    const { from } = options;
    if (from.tar) {
      const { path, existing } = await findDestination(destination);
      if (existing !== 'directory') throw notFound(path, 'directory');
      // Who packed the archive decided on the owners.
      return destination.rootfs.extract(path, from.tar, {});
    }
    await withSession(context, async session => {
      const source = { rootfs: await session.openDirectory('/'), path: from.path };
      await transfer(await findSource(source, options), { source, destination, owner });
    });
  });
}

function ownerFor({ keepOwners }: CopyOptions): Owner {
  return keepOwners ? {} : { uid: 0, gid: 0 };
}

interface FoundSource {
  readonly base: string;
  /** What {@link MountedRootfs.archive} is asked for. */
  readonly archived: string;
  readonly isDirectory: boolean;
  readonly contentsOnly: boolean;
}

async function findSource(
  { rootfs, path }: Place,
  { followLink }: Pick<CopyOptions, 'followLink'>,
): Promise<FoundSource> {
  const lstat = (at: string) => rootfs.stat(at, { followLast: false });
  const clean = posix.resolve('/', path);
  const follows = followLink || endsAsDirectory(path);
  const parent = await resolveInRoot(lstat, posix.dirname(clean));
  const own = posix.join(parent.path, posix.basename(clean));
  const resolved = follows ? await resolveInRoot(lstat, own) : { path: own, entry: await lstat(own) };
  if (resolved.entry === undefined) throw notFound(clean, 'file');
  const isDirectory = resolved.entry.type === 'directory';
  const contentsOnly = path.endsWith('/.') || clean === '/';
  return {
    base: posix.basename(clean),
    archived: isDirectory && contentsOnly ? `${resolved.path === '/' ? '' : resolved.path}/.` : resolved.path,
    isDirectory,
    contentsOnly,
  };
}

async function findDestination({ rootfs, path }: Place): Promise<{
  readonly path: string;
  readonly existing: 'directory' | 'other' | undefined;
}> {
  const found = await resolveInRoot(at => rootfs.stat(at, { followLast: false }), path);
  return { path: found.path, existing: kindOf(found.entry) };
}

function kindOf(entry: EntryInfo | undefined): 'directory' | 'other' | undefined {
  if (entry === undefined) return undefined;
  return entry.type === 'directory' ? 'directory' : 'other';
}

async function transfer(
  found: FoundSource,
  to: { readonly source: Place; readonly destination: Place; readonly owner: Owner },
): Promise<void> {
  const { source, destination, owner } = to;
  const { path, existing } = await findDestination(destination);
  const parent = await findDestination({ ...destination, path: posix.dirname(path) });
  const place = copyPlace(found, {
    path,
    existing,
    asDirectory: endsAsDirectory(destination.path),
    parentExists: parent.existing === 'directory',
  });
  // The contents of a directory under a new name are the directory under that name.
  const archived = place.as === undefined ? found.archived : found.archived.replace(/\/\.$/, '') || '/.';
  const tar = new PassThrough();
  const read = source.rootfs
    .archive(archived, { sink: sinkOf(tar), ...(place.as !== undefined && { as: place.as }) })
    .then(
      () => void tar.end(),
      error => void tar.destroy(error),
    );
  try {
    await destination.rootfs.extract(place.directory, tar, owner);
  } finally {
    tar.destroy();
    await read;
  }
}

function endsAsDirectory(path: string): boolean {
  return path.endsWith('/') || path.endsWith('/.');
}

function notFound(path: string, what: 'file' | 'directory'): SampanError {
  return new SampanError('not-found', `There is no ${what} ${path}.`, { detail: { path } });
}
