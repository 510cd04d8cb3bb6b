import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { opendir, readFile, stat, utimes } from 'node:fs/promises';
import { type Digest, digestFromHex, isDigest } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { removeFile, replaceFile } from './atomic.ts';
import { fileFailure, hasErrno } from './failure.ts';
import { openPartial, type PartialBlob } from './partial.ts';
import type { StorePaths } from './paths.ts';

export interface BlobInfo {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 of the last write or use. */
  readonly usedAt: number;
}

/** Content by digest. What has a blob's name has its content: bytes are verified before they get the name. */
export interface BlobStore {
  /** Size in bytes, undefined when there is no such blob. */
  size(digest: Digest): Promise<number | undefined>;
  /** The content from byte `start` on. A missing blob fails at the first read with `store-corrupt`. */
  open(digest: Digest, start?: number): AsyncIterable<Uint8Array>;
  /** A small blob in one piece, its digest checked again. Throws `store-corrupt` when missing or changed. */
  read(digest: Digest): Promise<Buffer>;
  /** Store bytes in memory; they get their own digest. */
  put(content: Uint8Array): Promise<Digest>;
  /** Store a stream. Throws `image-invalid` when `expected` is not what arrived; then nothing is kept. */
  ingest(
    source: AsyncIterable<Uint8Array>,
    expected: { readonly digest?: Digest; readonly size?: number; readonly what: string },
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Begin or resume writing the blob with this digest. */
  partial(digest: Digest): Promise<PartialBlob>;
  /** Note that a blob was used, so that a collection leaves it for the grace time. */
  touch(digest: Digest): Promise<void>;
  remove(digest: Digest): Promise<void>;
  list(): Promise<readonly BlobInfo[]>;
}

const readChunk = 256 * 1024;

/** The blobs of the store at `paths`. */
export function openBlobs(paths: StorePaths): BlobStore {
  return {
    size: digest => sizeOf(paths.blob(digest)),
    open: (digest, start = 0) => readBlob(paths, { digest, start }),
    read: digest => readVerified(paths, digest),
    put: content => put(paths, content),
    ingest: (source, expected) => ingest(paths, source, expected),
    partial: digest => openPartial(paths, digest),
    touch: digest => touch(paths.blob(digest)),
    remove: digest => removeFile(paths.blob(digest)),
    list: () => list(paths),
  };
}

async function put(paths: StorePaths, content: Uint8Array): Promise<Digest> {
  const digest = digestFromHex(createHash('sha256').update(content).digest('hex'));
  const path = paths.blob(digest);
  if ((await sizeOf(path)) === content.length) {
    await touch(path);
    return digest;
  }
  try {
    await replaceFile(paths, path, content);
  } catch (error) {
    throw fileFailure(error, 'Writing to the store');
  }
  return digest;
}

async function ingest(
  paths: StorePaths,
  source: AsyncIterable<Uint8Array>,
  expected: { readonly digest?: Digest; readonly size?: number; readonly what: string },
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const partial = await openPartial(paths, expected.digest);
  try {
    await partial.restart();
    for await (const chunk of source) await partial.write(chunk);
    return await partial.commit(expected);
  } catch (error) {
    await partial.discard();
    throw error;
  }
}

async function* readBlob(
  paths: StorePaths,
  from: { readonly digest: Digest; readonly start: number },
): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(paths.blob(from.digest), { start: from.start, highWaterMark: readChunk });
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw missing(paths, from.digest);
    throw error;
  }
}

async function readVerified(paths: StorePaths, digest: Digest): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(paths.blob(digest));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw missing(paths, digest);
    throw error;
  }
  if (digestFromHex(createHash('sha256').update(content).digest('hex')) === digest) return content;
  throw new SampanError('store-corrupt', `The store file ${paths.blob(digest)} has changed on disk.`, {
    hint: 'Remove the image that it belongs to and pull, load or build it again.',
    detail: { path: paths.blob(digest) },
  });
}

async function list(paths: StorePaths): Promise<readonly BlobInfo[]> {
  const blobs: BlobInfo[] = [];
  for await (const entry of await opendir(paths.blobs)) {
    const digest = `sha256:${entry.name}`;
    if (!isDigest(digest)) continue;
    const found = await stat(paths.blob(digest)).catch(() => undefined);
    if (found !== undefined) blobs.push({ digest, size: found.size, usedAt: found.mtimeMs });
  }
  return blobs;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(error => {
    if (!hasErrno(error, 'ENOENT')) throw error;
  });
}

function missing(paths: StorePaths, digest: Digest): SampanError {
  return new SampanError('store-corrupt', `The store file ${paths.blob(digest)} is missing.`, {
    hint: 'Remove the image that it belongs to and pull, load or build it again.',
    detail: { path: paths.blob(digest) },
  });
}
