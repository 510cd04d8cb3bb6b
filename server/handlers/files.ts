import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { SampanError } from '../common/errors.ts';
import type { ByteSink } from '../engine/runtime/types.ts';

/**
 * Writes an archive to `path`. A regular file appears whole or not at all (an older one stays until then);
 * a pipe or device, such as `/proc/self/fd/1`, is written as the bytes come. Throws `invalid-argument` when
 * the place cannot be written.
 */
export async function writeArchive(path: string, produce: (sink: ByteSink) => Promise<void>): Promise<void> {
  const direct = await writesThrough(path);
  const target = direct ? path : `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = await openForWriting(target, { path, flags: direct ? 'a' : 'wx' });
  try {
    await produce(chunk => writeAll(file, chunk));
    await file.close();
    if (!direct) await rename(target, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    if (!direct) await rm(target, { force: true });
    throw error;
  }
}

/** 20 blocks of 512 bytes: what pax and GNU tar write, and what readers of a pipe wait for before they look. */
const tarRecordSize = 10_240;

/**
 * A tar filled up with zeros to whole records (POSIX pax, "ustar Interchange Format"). The last chunk and the
 * filling are one write: a reader that has to wait between them is woken for half a record.
 */
export async function fillRecords(sink: ByteSink, produce: (sink: ByteSink) => Promise<void>): Promise<void> {
  let size = 0;
  let last: Uint8Array = new Uint8Array(0);
  await produce(async chunk => {
    size += chunk.length;
    if (last.length > 0) await sink(last);
    last = Uint8Array.from(chunk); // the producer may use its buffer again
  });
  const missing = (tarRecordSize - (size % tarRecordSize)) % tarRecordSize;
  await sink(Buffer.concat([last, new Uint8Array(missing)]));
}

/** True when the bytes must go to the very file that the path names now: a pipe, a device, an open descriptor. */
async function writesThrough(path: string): Promise<boolean> {
  if (path.startsWith('/proc/self/fd/')) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function openForWriting(
  target: string,
  options: { readonly path: string; readonly flags: string },
): Promise<FileHandle> {
  try {
    return await open(target, options.flags, 0o600);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SampanError('invalid-argument', `Cannot write ${options.path}: ${why}.`, {
      hint: 'Name a file in a folder that exists and that you may write.',
      detail: { path: options.path },
      cause,
    });
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, null);
    at += bytesWritten;
  }
}
