import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { temporaryPath } from '../store/atomic.ts';
import { hasErrno } from '../store/failure.ts';
import { isTar, openArchive } from './archive.ts';
import type { BuilderParts } from './buildContext.ts';
import { download } from './download.ts';
import { checkOut } from './gitSource.ts';
import type { FetchedContext, RemoteContext } from './types.ts';

/** Longest text that is taken for a Dockerfile (BuildKit dockerui `maxContextSize` of a plain file is of this order). */
const dockerfileMax = 16 * 1024 * 1024;

/**
 * Make a folder of a context that is a repository, an archive, or a Dockerfile alone (then the folder is empty
 * and `dockerfileText` is it). Throws `build-failed` when it cannot be fetched, `image-invalid` for a damaged
 * archive.
 */
export async function fetchContext(
  parts: Pick<BuilderParts, 'native' | 'runtime' | 'store'>,
  remote: RemoteContext,
  { signal }: { readonly signal: AbortSignal },
): Promise<FetchedContext> {
  const { paths } = parts.store;
  if (remote.kind === 'file') return openFile(parts, remote.path);
  if (remote.kind === 'git') {
    const options = { checksum: undefined, keepGitDir: false, native: parts.native, paths, signal };
    const { directory, remove } = await checkOut({ ...options, url: remote.url });
    return { directory, dockerfileText: undefined, remove };
  }
  const fetched = await download({ url: remote.url, expected: undefined, paths, signal });
  try {
    return await openFile(parts, join(fetched.directory, fetched.name));
  } finally {
    await fetched.remove();
  }
}

/** The text of a Dockerfile in a fetched context, which must not lead out of it. */
export async function readFetchedDockerfile({ directory }: FetchedContext, name: string): Promise<string> {
  const missing = new SampanError('not-found', `The context has no Dockerfile ${name}.`, {
    hint: 'Name it with -f, as a path inside the context.',
    detail: { path: name },
  });
  const root = await realpath(directory);
  const path = await realpath(join(root, `/${name}`)).catch(() => undefined);
  if (path === undefined || !path.startsWith(`${root}/`)) throw missing;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'EISDIR')) throw missing;
    throw error;
  }
}

async function openFile(
  { runtime, store }: Pick<BuilderParts, 'runtime' | 'store'>,
  path: string,
): Promise<FetchedContext> {
  const directory = temporaryPath(store.paths, 'context');
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(directory, { mode: 0o700 });
    if (!(await isTar(path))) return { directory, dockerfileText: await readText(path), remove };
    const session = await runtime.openFs();
    try {
      // A context has no owners, and the user must be able to read and to remove it.
      await session.fillDirectory(directory, openArchive(createReadStream(path)), { uid: 0, gid: 0 });
    } finally {
      await session.close();
    }
    return { directory, dockerfileText: undefined, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const content = size > dockerfileMax ? undefined : await file.readFile();
    // No Dockerfile has a zero byte; whatever else this is, it has some.
    if (content !== undefined && !content.includes(0)) return content.toString('utf8');
  } finally {
    await file.close();
  }
  throw new SampanError('invalid-argument', 'The build context is neither an archive nor a Dockerfile.', {
    hint: 'Give a tar, plain or compressed, or the text of a Dockerfile.',
  });
}
