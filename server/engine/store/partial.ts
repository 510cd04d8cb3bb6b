import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { type Digest, digestFromHex, digestHex } from '../../common/digest.ts';
import { SampanError } from '../../common/errors.ts';
import { claimFile, moveIntoPlace, temporaryPath } from './atomic.ts';
import { fileFailure } from './failure.ts';
import { isOwnerAlive, ownerOfFile } from './owner.ts';
import type { StorePaths } from './paths.ts';

/** A blob that is being written. One of commit, suspend and discard ends it; after that they do nothing. */
export interface PartialBlob {
  /** Bytes that are there, counted from the beginning of the blob; more than 0 after a resumed download. */
  readonly offset: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Throw away what is there and begin again at byte 0. */
  restart(): Promise<void>;
  /** Verify and make it a blob. Throws `image-invalid` when digest or size differ; then it is discarded. */
  commit(expected: {
    readonly digest?: Digest;
    readonly size?: number;
    readonly what: string;
  }): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Keep the bytes for a later {@link openPartial} of the same digest, by whatever process. */
  suspend(): Promise<void>;
  discard(): Promise<void>;
}

const suffix = '.partial';
/** Files that this process writes at this moment; the owner in their names cannot tell that. */
const busy = new Set<string>();

/** Continue what a dead process or a cut connection left of this digest, or begin. No digest: nothing to resume. */
export async function openPartial(paths: StorePaths, digest: Digest | undefined): Promise<PartialBlob> {
  const name = digest === undefined ? 'blob' : digestHex(digest);
  const path = temporaryPath(paths, name + suffix);
  busy.add(path);
  try {
    if (digest !== undefined) await claimAbandoned(paths, { prefix: name + suffix, path });
    const file = await open(path, 'a+', 0o600);
    return await resume(paths, { path, file });
  } catch (error) {
    busy.delete(path);
    throw fileFailure(error, 'Writing to the store');
  }
}

/** True for a partial blob that nobody writes, so that cleaning up may take it when it is old. */
export function isAbandoned(paths: StorePaths, name: string): boolean {
  if (busy.has(paths.temporary(name))) return false;
  const owner = ownerOfFile(name);
  return owner === undefined || !isOwnerAlive(owner) || (name.includes(suffix) && owner.pid === process.pid);
}

/** True for the name of a file in tmp that can be resumed. */
export function isPartial(name: string): boolean {
  return name.includes(suffix);
}

async function claimAbandoned(
  paths: StorePaths,
  wanted: { readonly prefix: string; readonly path: string },
): Promise<void> {
  for (const name of await readdir(paths.tmp)) {
    if (!name.startsWith(wanted.prefix) || !isAbandoned(paths, name)) continue;
    // The rename is the claim: of two processes that see the same file, one gets ENOENT and begins anew.
    if (await claimFile(paths.temporary(name), wanted.path)) return;
  }
}

async function resume(
  paths: StorePaths,
  { path, file }: { readonly path: string; readonly file: FileHandle },
): Promise<PartialBlob> {
  let hash = createHash('sha256');
  let offset = await hashFile(file, hash);
  let ended = false;
  const end = async () => {
    ended = true;
    busy.delete(path);
    await file.close();
  };
  const discard = async () => {
    if (ended) return;
    await end();
    await rm(path, { force: true });
  };
  return {
    get offset() {
      return offset;
    },
    async write(chunk) {
      try {
        await file.appendFile(chunk);
      } catch (error) {
        throw fileFailure(error, 'Writing to the store');
      }
      hash.update(chunk);
      offset += chunk.length;
    },
    async restart() {
      await file.truncate(0);
      hash = createHash('sha256');
      offset = 0;
    },
    async commit(expected) {
      const digest = digestFromHex(hash.copy().digest('hex'));
      const problem = difference({ digest, size: offset }, expected);
      if (problem !== undefined) {
        await discard();
        throw problem;
      }
      await file.sync();
      await end();
      await moveIntoPlace(path, paths.blob(digest));
      return { digest, size: offset };
    },
    async suspend() {
      if (ended) return;
      await end();
      if (offset === 0) await rm(path, { force: true });
    },
    discard,
  };
}

async function hashFile(file: FileHandle, hash: Hash): Promise<number> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  let offset = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0) return offset;
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
}

function difference(
  got: { readonly digest: Digest; readonly size: number },
  expected: { readonly digest?: Digest; readonly size?: number; readonly what: string },
): SampanError | undefined {
  const { digest, size, what } = expected;
  const sentence =
    size !== undefined && size !== got.size
      ? `${what} has ${got.size} bytes where ${size} were promised.`
      : digest !== undefined && digest !== got.digest
        ? `${what} is damaged: its digest is ${got.digest} where ${digest} was promised.`
        : undefined;
  if (sentence === undefined) return undefined;
  return new SampanError('image-invalid', sentence, {
    hint: 'Try again; when it happens again, the source itself is damaged.',
    detail: { what },
  });
}
