import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { SampanError } from '../../../common/errors.ts';
import { temporaryPath } from '../../store/atomic.ts';
import { fileFailure, hasErrno } from '../../store/failure.ts';
import type { Store } from '../../store/store.ts';
import { decompress, detectCompression, magicLength } from '../compression.ts';
import { type ArchiveFiles, openFolder, openTar } from './files.ts';

/**
 * Open an image archive: a folder, a plain tar (read in place), or a compressed tar or a pipe, which is
 * spooled to the store's tmp folder first because its parts come in any order.
 * Throws `not-found` when there is nothing at `path`, `image-invalid`, `disk-full`, `cancelled`.
 */
export async function openArchive(
  store: Store,
  { path, signal }: { readonly path: string; readonly signal?: AbortSignal | undefined },
): Promise<ArchiveFiles> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return openFolder(path);
    const file = await open(path, 'r');
    if (found.isFile() && (await isPlain(file))) return await owned(file);
    return await spool(store, { file, signal });
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      throw new SampanError('not-found', `There is no file ${path}.`, { detail: { path }, cause: error });
    }
    throw fileFailure(error, `Reading ${path}`);
  }
}

async function isPlain(file: FileHandle): Promise<boolean> {
  const head = Buffer.alloc(magicLength);
  await file.read(head, 0, head.length, 0);
  return detectCompression(head) === 'none';
}

/** The archive over `file`, which is closed when it turns out to be none. */
async function owned(file: FileHandle): Promise<ArchiveFiles> {
  try {
    return await openTar(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function spool(
  store: Store,
  { file, signal }: { readonly file: FileHandle; readonly signal?: AbortSignal | undefined },
): Promise<ArchiveFiles> {
  const path = temporaryPath(store.paths, 'archive');
  const copy = await open(path, 'wx+', 0o600);
  try {
    const source = file.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 });
    for await (const chunk of decompress(source)) {
      signal?.throwIfAborted();
      await copy.appendFile(chunk);
    }
    return await owned(copy);
  } catch (error) {
    await copy.close().catch(() => undefined);
    throw error;
  } finally {
    await file.close();
    // The open descriptor keeps the bytes; without a name nothing can be left behind.
    await rm(path, { force: true });
  }
}
