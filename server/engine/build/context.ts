import { readFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { createIgnoreMatcher, type IgnoreMatcher, type IgnoreState } from '../../language/index.ts';
import type { Native, ScannedEntry } from '../native.ts';
import type { EntryInfo } from '../runtime/types.ts';
import { hasErrno } from '../store/failure.ts';
import type { Store } from '../store/store.ts';
import { contextFailure } from './contextFailure.ts';
import { type FileDigests, identity, openFileDigests } from './fileDigests.ts';
import { escapePath } from './pathBytes.ts';
import type { SourceReader } from './sources.ts';

/** The build context without what the ignore file leaves out. Owners are 0:0: a context has none. */
export interface BuildContext extends SourceReader {
  /** Absolute; undefined is an empty context. */
  readonly directory: string | undefined;
  /** The ignore file's rules. */
  readonly ignore: IgnoreMatcher | undefined;
  /** Look again: false when one of these has changed since the context was opened. */
  isUnchanged(paths: readonly string[]): Promise<boolean>;
  /** Keep the digests that were computed, for the next build. */
  save(): Promise<void>;
}

export interface ContextOptions {
  readonly directory: string | undefined;
  /** False for one that is gone after this build: what is learned of its files is not remembered. */
  readonly isKept: boolean;
  /** Its `<Dockerfile>.dockerignore` wins; absent for a named context. */
  readonly dockerfilePath: string | undefined;
  readonly native: Pick<Native, 'scanTree' | 'hashFiles'>;
  readonly store: Store;
}

/**
 * Look through the context once. File contents are read only for what a step selects, and not even then
 * when the file is the one (device, inode, size, mtime, ctime) that was read before.
 */
export async function openContext(options: ContextOptions): Promise<BuildContext> {
  const { directory, native, store } = options;
  if (directory === undefined)
    return new ScannedContext({
      directory,
      entries: [],
      ignore: undefined,
      native,
      digests: undefined,
    });
  const matcher = await readIgnoreFile(options);
  const prune = prunedFolders(matcher);
  const [scanned, digests] = await Promise.all([
    scan(native, { directory, prune }),
    options.isKept ? openFileDigests({ native, store, directory }) : undefined,
  ]);
  const entries = withoutIgnored(scanned, matcher);
  return new ScannedContext({
    directory,
    entries,
    ignore: matcher,
    native,
    digests,
  });
}

/** All of a folder, without ignore file and without remembered digests. */
export async function openFolder(native: ContextOptions['native'], directory: string): Promise<SourceReader> {
  const entries = await scan(native, { directory });
  return new ScannedContext({ directory, entries, ignore: undefined, native, digests: undefined });
}

async function scan(
  native: ContextOptions['native'],
  { directory, prune = [] }: { readonly directory: string; readonly prune?: readonly string[] },
): Promise<readonly ScannedEntry[]> {
  try {
    return await native.scanTree(directory, { prune });
  } catch (error) {
    throw contextFailure(error, directory);
  }
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile wins over `.dockerignore` in the context. */
export async function readIgnoreFile({
  directory,
  dockerfilePath,
}: Pick<ContextOptions, 'directory' | 'dockerfilePath'>): Promise<IgnoreMatcher> {
  const shared = join(directory ?? '', '.dockerignore');
  const own = dockerfilePath && join(dirname(dockerfilePath), `${basename(dockerfilePath)}.dockerignore`);
  for (const path of own ? [own, shared] : [shared]) {
    const text = await readOptional(path);
    if (text === undefined) continue;
    try {
      return createIgnoreMatcher(text);
    } catch (error) {
      if (!isSampanError(error)) throw error;
      throw new SampanError('invalid-argument', `${path}: ${error.message}`, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        detail: { path },
        cause: error,
      });
    }
  }
  return createIgnoreMatcher('');
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Folders that need not be entered: named by a plain pattern, and nothing below can come back. */
function prunedFolders(matcher: IgnoreMatcher): readonly string[] {
  return matcher.rules
    .filter(rule => !rule.isException && !/[*?[\\]/.test(rule.pattern) && !matcher.mayKeepBelow(rule.pattern))
    .map(rule => rule.pattern);
}

/** What is not ignored, and the folders on the way to it. */
function withoutIgnored(scanned: readonly ScannedEntry[], matcher: IgnoreMatcher): readonly ScannedEntry[] {
  if (matcher.rules.length === 0) return scanned;
  const states = new Map<string, IgnoreState>();
  const ignoredFolders = new Map<string, ScannedEntry>();
  const kept: ScannedEntry[] = [];
  for (const entry of scanned) {
    const state = matcher.match(entry.path, states.get(posix.dirname(entry.path)));
    if (entry.type === 'directory') states.set(entry.path, state);
    if (!state.ignored) {
      kept.push(...foldersOf(entry.path, ignoredFolders), entry);
    } else if (entry.type === 'directory') ignoredFolders.set(entry.path, entry);
  }
  return kept;
}

/** Ignored folders above a path that is kept; each is given once. */
function foldersOf(path: string, ignored: Map<string, ScannedEntry>): readonly ScannedEntry[] {
  const folders: ScannedEntry[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const folder = ignored.get(path.slice(0, at));
    if (!folder) continue;
    ignored.delete(folder.path);
    folders.push(folder);
  }
  return folders;
}

const rootEntry: EntryInfo = {
  path: '/',
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
};

class ScannedContext implements BuildContext {
  readonly directory: string | undefined;
  readonly ignore: IgnoreMatcher | undefined;
  readonly #entries = new Map<string, EntryInfo>([['/', rootEntry]]);
  readonly #scanned = new Map<string, ScannedEntry>();
  readonly #children = new Map<string, string[]>();
  readonly #native: ContextOptions['native'];
  readonly #digests: FileDigests | undefined;

  constructor(from: {
    readonly directory: string | undefined;
    readonly entries: readonly ScannedEntry[];
    readonly ignore: IgnoreMatcher | undefined;
    readonly native: ContextOptions['native'];
    readonly digests: FileDigests | undefined;
  }) {
    this.directory = from.directory;
    this.ignore = from.ignore;
    this.#native = from.native;
    this.#digests = from.digests;
    for (const entry of from.entries) {
      const path = contextPath(entry);
      this.#scanned.set(path, entry);
      this.#entries.set(path, entryInfo(entry));
      const parent = posix.dirname(path);
      const siblings = this.#children.get(parent);
      if (siblings) siblings.push(path);
      else this.#children.set(parent, [path]);
    }
  }

  readonly lstat = async (path: string): Promise<EntryInfo | undefined> => this.#entries.get(path);

  async list(path: string): Promise<readonly EntryInfo[]> {
    return (this.#children.get(path) ?? []).map(child => this.#entries.get(child) as EntryInfo);
  }

  async tree(path: string): Promise<readonly EntryInfo[]> {
    const below: EntryInfo[] = [];
    const visit = (directory: string): void => {
      for (const child of this.#children.get(directory) ?? []) {
        const entry = this.#entries.get(child) as EntryInfo;
        below.push(entry);
        if (entry.type === 'directory') visit(child);
      }
    };
    visit(path);
    return below;
  }

  async hash(entries: readonly EntryInfo[]): Promise<readonly EntryInfo[]> {
    const files = new Map<string, ScannedEntry>();
    for (const { path, type } of entries) {
      const scanned = this.#scanned.get(path);
      if (type === 'file' && scanned) files.set(path, scanned);
    }
    const digests = await this.#digests?.of(files).catch(error => {
      throw contextFailure(error, this.directory ?? '');
    });
    return entries.map(entry => {
      const sha256 = digests?.get(entry.path);
      return sha256 === undefined ? entry : { ...entry, sha256 };
    });
  }

  async isUnchanged(paths: readonly string[]): Promise<boolean> {
    if (this.directory === undefined || paths.length === 0) return true;
    const now = new Map<string, ScannedEntry>();
    for (const entry of await scan(this.#native, { directory: this.directory }))
      now.set(contextPath(entry), entry);
    return paths.every(path => {
      const [before, after] = [this.#scanned.get(path), now.get(path)];
      return before && after ? identity(before) === identity(after) : before === after;
    });
  }

  async save(): Promise<void> {
    await this.#digests?.save(path => this.#scanned.has(path));
  }
}

/** Absolute in the context; names that are not UTF-8 are escaped. */
function contextPath(entry: ScannedEntry): string {
  return `/${entry.rawPath ? escapePath(entry.rawPath) : entry.path}`;
}

function entryInfo(entry: ScannedEntry): EntryInfo {
  return {
    path: contextPath(entry),
    type: entry.type,
    mode: entry.mode,
    uid: 0,
    gid: 0,
    size: entry.size,
    mtimeNs: entry.mtimeNs,
    ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
    ...(entry.links > 1 && entry.type === 'file' ? { inode: `${entry.device}:${entry.inode}` } : {}),
  };
}
