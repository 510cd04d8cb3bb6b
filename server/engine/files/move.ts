import { posix } from 'node:path';
import { isSampanError } from '../../common/errors.ts';
import type { CopyEntry, EntryInfo, Place } from '../runtime/types.ts';
import { alreadyThere, intoItself, missingFile } from './failures.ts';

interface Goal {
  readonly to: Place;
  /** What is there may go. */
  readonly replace: boolean;
}

/** Rename within one file system, copy and remove between two. Throws as {@link copyBetween}. */
export async function renameBetween(from: Place, goal: Goal): Promise<void> {
  const { to, replace } = goal;
  if (isBelow(to.path, from.path) && to.rootfs === from.rootfs) throw intoItself(from.path);
  if (from.rootfs === to.rootfs) {
    try {
      return await from.rootfs.rename(from.path, { target: to.path, replace });
    } catch (error) {
      // Also what overlayfs says of a directory that the image has.
      if (!isSampanError(error) || error.detail.errno !== 'EXDEV') throw error;
    }
  }
  await copyBetween(from, goal);
  await from.rootfs.remove(from.path, { recursive: true });
}

/**
 * Copy a file, or a directory with all that is in it.
 *
 * @throws SampanError `not-found`; `conflict` when the target is there and may not go; `invalid-argument` for a copy into itself
 */
export async function copyBetween(from: Place, { to, replace }: Goal): Promise<void> {
  if (from.rootfs === to.rootfs && isBelow(to.path, from.path)) throw intoItself(from.path);
  const top = await from.rootfs.stat(from.path, { followLast: false });
  if (top === undefined) throw missingFile(from.path);
  await makeRoom(to, { replace });
  const below: EntryInfo[] = [];
  if (top.type === 'directory')
    for await (const entry of from.rootfs.walk(from.path, { hash: false, recursive: true }))
      below.push(entry);
  await to.rootfs.copy(
    from.rootfs,
    copyEntries([{ ...top, path: from.path }, ...below], { from: from.path, to: to.path }),
  );
}

async function makeRoom({ rootfs, path }: Place, { replace }: { readonly replace: boolean }): Promise<void> {
  if ((await rootfs.stat(path, { followLast: false })) === undefined) return;
  if (!replace) throw alreadyThere(path);
  await rootfs.remove(path, { recursive: true });
}

/** Files of one inode stay hard links of each other. */
function copyEntries(
  entries: readonly EntryInfo[],
  { from, to }: { readonly from: string; readonly to: string },
): readonly CopyEntry[] {
  const groups = new Map<string, number>();
  return entries.map(({ path, rawPath, inode, size: _, sha256: __, ...attributes }) => {
    const group = inode === undefined ? undefined : (groups.get(inode) ?? groups.size);
    if (inode !== undefined && group !== undefined) groups.set(inode, group);
    return {
      ...attributes,
      target: posix.join(to, path.slice(from === '/' ? 0 : from.length)),
      ...(attributes.type === 'file' ? { source: path } : {}),
      ...(rawPath === undefined ? {} : rawPaths(rawPath, { from, to })),
      ...(group === undefined ? {} : { linkGroup: group }),
    };
  });
}

/** A name that is not UTF-8 is copied byte for byte. */
function rawPaths(
  path: Uint8Array,
  { from, to }: { readonly from: string; readonly to: string },
): Pick<CopyEntry, 'rawSource' | 'rawTarget'> {
  const rest = path.subarray(from === '/' ? 0 : Buffer.byteLength(from));
  return { rawSource: path, rawTarget: Buffer.concat([Buffer.from(to), rest]) };
}

function isBelow(path: string, top: string): boolean {
  return path.startsWith(top.endsWith('/') ? top : `${top}/`);
}
