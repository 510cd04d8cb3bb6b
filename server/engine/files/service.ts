import { posix } from 'node:path';
import { withSession } from '../container/containerFiles.ts';
import type { ContainerContext } from '../container/context.ts';
import type { EntryInfo, MountedRootfs, Place } from '../runtime/types.ts';
import { alreadyThere, missingFile, noDirectory } from './failures.ts';
import { copyBetween, renameBetween } from './move.ts';
import { layerOf, withPlace } from './places.ts';
import type { FileInfo, FileService } from './types.ts';
import { watchPlace } from './watch.ts';

const newFileMode = 0o644;
const newDirectoryMode = 0o755;

/** The files of everything in the store, each request in a session of its own. */
export function openFiles(context: ContainerContext): FileService {
  return {
    stat: (place, path) =>
      withPlace(context, place, async placeOf => {
        const at = await placeOf(path);
        return infoOf(at.rootfs, { entry: await entryAt(at, path), path });
      }),
    list: (place, path) => withPlace(context, place, async placeOf => listOf(await placeOf(path), path)),
    read: (place, { path, maxBytes }) =>
      withPlace(context, place, async placeOf => {
        const at = await placeOf(path);
        const content = await at.rootfs.readFile(at.path, maxBytes);
        if (content === undefined) throw missingFile(path);
        return content;
      }),
    write: (place, { path, ...options }) =>
      withPlace(context, place, async placeOf => {
        const at = await placeOf(path, { writes: true });
        await at.rootfs.writeFile(at.path, { ...options, mode: newFileMode });
      }),
    makeDirectory: (place, path) =>
      withPlace(context, place, async placeOf => makeDirectory(await placeOf(path, { writes: true }), path)),
    remove: (place, { path, recursive }) =>
      withPlace(context, place, async placeOf => {
        const at = await placeOf(path, { writes: true });
        await at.rootfs.remove(at.path, { recursive });
      }),
    rename: (place, { path, target, replace }) =>
      withPlace(context, place, async placeOf => {
        const from = await placeOf(path, { writes: true });
        await renameBetween(from, { to: await placeOf(target, { writes: true }), replace });
      }),
    copy: (place, { path, target, replace }) =>
      withPlace(context, place, async placeOf => {
        const from = await placeOf(path);
        await copyBetween(from, { to: await placeOf(target, { writes: true }), replace });
      }),
    layerChanges: layer => layerChanges(context, layer),
    watch: (place, options) => watchPlace(context, place, options),
  };
}

async function entryAt({ rootfs, path }: Place, shown: string): Promise<EntryInfo> {
  const entry = await rootfs.stat(path, { followLast: false });
  if (entry === undefined) throw missingFile(shown);
  return entry;
}

async function infoOf(
  rootfs: MountedRootfs,
  { entry, path }: { readonly entry: EntryInfo; readonly path: string },
): Promise<FileInfo> {
  const own = { path, ...factsOf(entry) };
  if (entry.type !== 'symlink') return own;
  // A link that leads nowhere, or round in circles, is a link all the same.
  const target = await rootfs.stat(entry.path, { followLast: true }).catch(() => undefined);
  return {
    ...own,
    ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
    ...(target === undefined ? {} : { targetType: target.type, size: target.size }),
  };
}

function factsOf({ type, size, mode, uid, gid, mtimeNs }: EntryInfo): Omit<FileInfo, 'path'> {
  return { type, size, mode, uid, gid, mtime: Number(mtimeNs / 1_000_000n) };
}

async function listOf({ rootfs, path }: Place, shown: string): Promise<readonly FileInfo[]> {
  const directory = await rootfs.stat(path, { followLast: true });
  if (directory === undefined) throw missingFile(shown);
  if (directory.type !== 'directory') throw noDirectory(shown);
  const entries: EntryInfo[] = [];
  for await (const entry of rootfs.walk(path, { hash: false, recursive: false }))
    if (entry.rawPath === undefined) entries.push(entry);
  const infos: FileInfo[] = [];
  for (const entry of entries)
    infos.push(await infoOf(rootfs, { entry, path: posix.join(shown, posix.basename(entry.path)) }));
  return infos;
}

async function makeDirectory({ rootfs, path }: Place, shown: string): Promise<void> {
  const parent = await rootfs.stat(posix.dirname(path), { followLast: true });
  if (parent === undefined) throw missingFile(posix.dirname(shown));
  const { uid, gid } = parent;
  const made = await rootfs.makeDirectory(path, { mode: newDirectoryMode, uid, gid });
  if (made.length === 0) throw alreadyThere(shown);
}

async function layerChanges(context: ContainerContext, id: string): ReturnType<FileService['layerChanges']> {
  const { parent, directories } = await layerOf(context, id);
  const lowers = await context.snapshots.lowers(parent);
  const changes = await withSession(context, session => session.changes({ lowers, upper: directories }));
  return { changes, ...(parent === undefined ? {} : { below: parent }) };
}
