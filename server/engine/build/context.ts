import { readFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { createIgnoreMatcher, type IgnoreMatcher, type IgnoreState } from '../../language/index.ts';
import type { Native, ScannedEntry, TreeScan } from '../native.ts';
import type { EntryInfo } from '../runtime/types.ts';
import { hasErrno } from '../store/failure.ts';
import type { Store } from '../store/store.ts';
import { contextFailure } from './contextFailure.ts';
import { type FileDigests, identity, nowNs, openFileDigests } from './fileDigests.ts';
import { escapePath } from './pathBytes.ts';
import { openSelections, type Selections } from './selections.ts';
import type { SelectionRequest, SourceReader, TreeRequest } from './sources.ts';

/** The build context without what the ignore file leaves out. Owners are 0:0: a context has none. */
export interface BuildContext extends SourceReader {
  /** Absolute; undefined is an empty context. */
  readonly directory: string | undefined;
  /** The ignore file's rules. */
  readonly ignore: IgnoreMatcher | undefined;
  /** Digest of what a request selects, when an earlier build saw the very same files. */
  knownDigest(request: SelectionRequest | TreeRequest): Promise<string | undefined>;
  /** Tell {@link knownDigest} for later builds. */
  rememberDigest(request: SelectionRequest | TreeRequest, digest: string): void;
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
 * when the file is the one (device, inode, size, mtime, ctime) that was read before. When nothing at all has changed,
 * not even the entries are looked at one by one.
 */
export async function openContext(options: ContextOptions): Promise<BuildContext> {
  const { directory, native, store, isKept } = options;
  if (directory === undefined) return new ScannedContext({ directory, native });
  const ignore = await readIgnoreFile(options);
  const prune = prunedFolders(ignore);
  const scan = await scanFolder(native, { directory, prune });
  const digests = openFileDigests({ native, directory, store: isKept ? store : undefined });
  const rules = ignore.rules.map(rule => [rule.isException, rule.pattern]);
  const selections = isKept ? openSelections({ scan, directory, store, rules }) : undefined;
  return new ScannedContext({ directory, scan, prune, ignore, native, digests, selections });
}

/** All of a folder, without ignore file and without remembered digests. */
export async function openFolder(native: ContextOptions['native'], directory: string): Promise<SourceReader> {
  const scan = await scanFolder(native, { directory, prune: [] });
  return new ScannedContext({ directory, scan, native });
}

interface ScannedFolder {
  readonly tree: TreeScan;
  /** When the scan began, nanoseconds since 1970. */
  readonly startedNs: bigint;
}

async function scanFolder(
  native: ContextOptions['native'],
  { directory, prune }: { readonly directory: string; readonly prune: readonly string[] },
): Promise<ScannedFolder> {
  const startedNs = nowNs();
  try {
    return { tree: await native.scanTree(directory, { prune }), startedNs };
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

/** The entries that are not ignored, by path, and who is in which folder. */
interface Index {
  readonly entries: ReadonlyMap<string, EntryInfo>;
  readonly scanned: ReadonlyMap<string, ScannedEntry>;
  readonly children: ReadonlyMap<string, readonly string[]>;
}

interface ContextParts {
  readonly directory: string | undefined;
  readonly native: ContextOptions['native'];
  readonly scan?: ScannedFolder;
  readonly prune?: readonly string[];
  readonly ignore?: IgnoreMatcher;
  readonly digests?: FileDigests;
  readonly selections?: Selections | undefined;
}

class ScannedContext implements BuildContext {
  readonly directory: string | undefined;
  readonly ignore: IgnoreMatcher | undefined;
  readonly #parts: ContextParts;
  #index: Index | undefined;

  constructor(parts: ContextParts) {
    this.directory = parts.directory;
    this.ignore = parts.ignore;
    this.#parts = parts;
  }

  /** Made at the first question about an entry. */
  get #known(): Index {
    this.#index ??= indexOf(this.#parts);
    return this.#index;
  }

  readonly lstat = async (path: string): Promise<EntryInfo | undefined> => this.#known.entries.get(path);

  async list(path: string): Promise<readonly EntryInfo[]> {
    const { children, entries } = this.#known;
    return (children.get(path) ?? []).map(child => entries.get(child) as EntryInfo);
  }

  async tree(path: string): Promise<readonly EntryInfo[]> {
    const { children, entries } = this.#known;
    const below: EntryInfo[] = [];
    const visit = (directory: string): void => {
      for (const child of children.get(directory) ?? []) {
        const entry = entries.get(child) as EntryInfo;
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
      const scanned = this.#known.scanned.get(path);
      if (type === 'file' && scanned) files.set(path, scanned);
    }
    const digests = await this.#parts.digests?.of(files).catch(error => {
      throw contextFailure(error, this.directory ?? '');
    });
    return entries.map(entry => {
      const sha256 = digests?.get(entry.path);
      return sha256 === undefined ? entry : { ...entry, sha256 };
    });
  }

  async knownDigest(request: SelectionRequest | TreeRequest): Promise<string | undefined> {
    return this.#parts.selections?.find(request);
  }

  rememberDigest(request: SelectionRequest | TreeRequest, digest: string): void {
    this.#parts.selections?.remember(request, digest);
  }

  async isUnchanged(paths: readonly string[]): Promise<boolean> {
    const { directory, scan, native, prune = [] } = this.#parts;
    if (directory === undefined || scan === undefined || paths.length === 0) return true;
    const again = await scanFolder(native, { directory, prune });
    if (again.tree.identity === scan.tree.identity) return true;
    const now = new Map(again.tree.entries().map(entry => [contextPath(entry), entry] as const));
    return paths.every(path => {
      const [before, after] = [this.#known.scanned.get(path), now.get(path)];
      return before && after ? identity(before) === identity(after) : before === after;
    });
  }

  async save(): Promise<void> {
    await Promise.all([
      this.#parts.digests?.save(path => this.#known.scanned.has(path)),
      this.#parts.selections?.save(),
    ]);
  }
}

function indexOf({ scan, ignore }: ContextParts): Index {
  const entries = new Map([['/', rootEntry]]);
  const scanned = new Map<string, ScannedEntry>();
  const children = new Map<string, string[]>();
  const all = scan?.tree.entries() ?? [];
  for (const entry of ignore ? withoutIgnored(all, ignore) : all) {
    const path = contextPath(entry);
    scanned.set(path, entry);
    entries.set(path, entryInfo(entry));
    const parent = posix.dirname(path);
    const siblings = children.get(parent);
    if (siblings) siblings.push(path);
    else children.set(parent, [path]);
  }
  return { entries, scanned, children };
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
