import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { hasErrno } from './failure.ts';
import { currentOwner, ownerTag } from './owner.ts';
import type { StorePaths } from './paths.ts';

/**
 * Files appear whole or not at all: temporary file, fsync, rename, fsync of the folder (rename(2) is
 * atomic, but lasts through a power cut only once the folder is synced). The only module that renames.
 */

/** `sync` false: atomic still, but after a power cut the file may be missing or empty. */
export interface Durability {
  readonly sync: boolean;
}

/** Write `target` anew or over an older version. */
export async function replaceFile(paths: StorePaths, target: string, content: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(paths, target, { content, sync: true });
  await moveIntoPlace(temporary, target);
}

/** Write `target` unless it exists. Returns false when it did: then nothing was changed. */
export async function createFile(
  paths: StorePaths,
  target: string,
  content: Uint8Array,
  { sync }: Durability = { sync: true },
): Promise<boolean> {
  const temporary = await writeTemporary(paths, target, { content, sync });
  try {
    // link(2) fails on an existing target where rename(2) would replace it.
    await link(temporary, target);
  } catch (error) {
    await unlinkIfThere(temporary);
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
  await Promise.all([unlinkIfThere(temporary), sync ? syncFolder(dirname(target)) : undefined]);
  return true;
}

/**
 * Write `target` anew or over an older version, whole or not at all, through a neighbour: for folders on another
 * file system than the store's tmp folder.
 */
export async function replaceBeside(
  target: string,
  content: Uint8Array,
  { sync }: Durability,
): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx', flush: sync });
    await rename(temporary, target);
    if (sync) await syncFolder(dirname(target));
  } catch (error) {
    await unlinkIfThere(temporary);
    throw error;
  }
}

/** Put a file that is written and synced into its place, replacing what is there. On failure the file is removed. */
export async function moveIntoPlace(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    await unlinkIfThere(temporary);
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Take over an abandoned file under a name of one's own. False when another process was faster. */
export async function claimFile(abandoned: string, own: string): Promise<boolean> {
  try {
    await rename(abandoned, own);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Delete a file, for good unless `sync` is false: then a power cut may bring it back. A missing one is fine. */
export async function removeFile(target: string, { sync }: Durability = { sync: true }): Promise<void> {
  await unlinkIfThere(target);
  if (sync) await syncFolder(dirname(target));
}

/** A name in the store's tmp folder that says who writes it, so that leftovers of dead processes can be told. */
export function temporaryPath(paths: StorePaths, hint: string): string {
  const unique = randomBytes(6).toString('hex');
  return paths.temporary(`${hint.slice(0, 80)}.${unique}.${ownerTag(currentOwner())}`);
}

async function writeTemporary(
  paths: StorePaths,
  target: string,
  { content, sync }: { readonly content: Uint8Array } & Durability,
): Promise<string> {
  const temporary = temporaryPath(paths, basename(target));
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (sync) await file.sync();
  } catch (error) {
    await unlinkIfThere(temporary);
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

/** One system call; rm(3) of Node looks twice before it deletes. */
async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch(error => {
    if (!hasErrno(error, 'ENOENT')) throw error;
  });
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}
