import { execFile } from 'node:child_process';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SampanError } from '../../common/errors.ts';
import type { Native } from '../native.ts';
import { temporaryPath } from '../store/atomic.ts';
import { hasErrno } from '../store/failure.ts';
import type { StorePaths } from '../store/paths.ts';
import { openFolder } from './context.ts';
import type { SourceReader } from './sources.ts';
import { cancelled } from './stepFailure.ts';

/** A commit of a repository, checked out. */
export interface Checkout {
  /** Of the subdirectory that was asked for. */
  readonly directory: string;
  readonly files: SourceReader;
  /** 40 hex digits. */
  readonly commit: string;
  remove(): Promise<void>;
}

export interface CheckoutOptions {
  /** `url#ref:subdirectory`, or with `?tag=…&branch=…&ref=…&commit=…&subdir=…&checksum=…&keep-git-dir=…`. */
  readonly url: string;
  /** Leading digits of the commit, from `--checksum`. */
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  readonly paths: StorePaths;
  readonly native: Pick<Native, 'scanTree' | 'hashFiles'>;
  readonly signal: AbortSignal;
}

interface GitAddress {
  readonly remote: string;
  readonly ref: string;
  readonly subdirectory: string;
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
}

const run = promisify(execFile);

/** Fetch and check out with the system's git. */
export async function checkOut(options: CheckoutOptions): Promise<Checkout> {
  const address = parseGitAddress(options);
  const root = temporaryPath(options.paths, 'git');
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    await mkdir(root, { mode: 0o700 });
    const tree = join(root, 'tree');
    const commit = await fetchCommit(address, { tree, signal: options.signal });
    if (address.checksum !== undefined && !commit.startsWith(address.checksum)) {
      throw failed(address.remote, `the commit is ${commit}, expected ${address.checksum}`);
    }
    if (!address.keepGitDir) await rm(join(tree, '.git'), { recursive: true, force: true });
    const directory = await subdirectoryOf(tree, address);
    const files = await openFolder(options.native, directory);
    return { directory, files, commit, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fetchCommit(
  { remote, ref }: GitAddress,
  { tree, signal }: { readonly tree: string; readonly signal: AbortSignal },
): Promise<string> {
  const git = (...args: string[]) => runGit(remote, { args, signal });
  await git('init', '--quiet', tree);
  const wanted = ref === '' ? 'HEAD' : ref;
  // Git would take it for an option, and options can name programs to run.
  if (wanted.startsWith('-')) throw failed(remote, `"${wanted}" is no branch, tag or commit`);
  const inTree = ['-C', tree, '-c', 'advice.detachedHead=false'];
  async function fetchByDigits(): Promise<void> {
    await git(...inTree, 'fetch', '--quiet', '--tags', '--', remote, '+refs/heads/*:refs/remotes/origin/*');
    const commit = await git(...inTree, 'rev-parse', '--quiet', '--verify', `${wanted}^{commit}`);
    await git(...inTree, 'update-ref', 'FETCH_HEAD', commit.trim());
  }
  const fetchWanted = (...options: string[]) =>
    git(...inTree, 'fetch', '--quiet', '--no-tags', ...options, '--', remote, wanted);
  // Not every transport can fetch a part, and not every server gives out a commit by its digits.
  await fetchWanted('--depth=1')
    .catch(() => fetchWanted())
    .catch(error => {
      if (signal.aborted || !/^[0-9a-f]{4,40}$/.test(wanted)) throw error;
      return fetchByDigits();
    });
  await git(...inTree, 'checkout', '--quiet', '--force', 'FETCH_HEAD');
  return (await git(...inTree, 'rev-parse', 'HEAD')).trim();
}

async function runGit(
  remote: string,
  { args, signal }: { readonly args: readonly string[]; readonly signal: AbortSignal },
): Promise<string> {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  try {
    return (await run('git', [...args], { env, signal, umask: 0o022 } as object)).stdout.toString();
  } catch (error) {
    if (signal.aborted) throw cancelled();
    if (hasErrno(error, 'ENOENT')) {
      throw new SampanError(
        'unsupported',
        `The repository ${remote} needs the program git, which is not installed.`,
        {
          hint: 'Install git, or download the files another way.',
        },
      );
    }
    const stderr = (error as { readonly stderr?: string | Buffer }).stderr?.toString().trim();
    throw failed(remote, stderr || String(error));
  }
}

/** The folder itself may be a link in the repository: it must stay inside. */
async function subdirectoryOf(tree: string, { subdirectory, remote }: GitAddress): Promise<string> {
  const directory = await realpath(join(tree, `/${subdirectory}`)).catch(() => undefined);
  const root = await realpath(tree);
  if (directory !== undefined && (directory === root || directory.startsWith(`${root}/`))) return directory;
  throw failed(remote, `it has no folder "${subdirectory}"`);
}

function parseGitAddress(options: CheckoutOptions): GitAddress {
  const [address = '', fragment = ''] = options.url.split('#', 2);
  const [remote = '', query = ''] = address.split('?', 2);
  const parameters = new URLSearchParams(query);
  const [fragmentRef = '', fragmentFolder = ''] = fragment.split(':', 2);
  const named = ['ref', 'tag', 'branch', 'commit'].map(name => parameters.get(name)).find(Boolean);
  const keep = parameters.get('keep-git-dir');
  return {
    remote,
    ref: fragmentRef || named || '',
    subdirectory: fragmentFolder || parameters.get('subdir') || '',
    checksum: options.checksum ?? parameters.get('checksum') ?? undefined,
    keepGitDir: options.keepGitDir || (keep !== null && keep !== '0' && keep !== 'false'),
  };
}

function failed(remote: string, reason: string): SampanError {
  return new SampanError('build-failed', `Failed to load the repository ${remote}: ${reason}.`, {
    hint: 'Check the address, the branch or tag, and the network of this machine.',
    detail: { url: remote },
  });
}
