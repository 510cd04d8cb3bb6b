import { posix } from 'node:path';
import { createIgnoreMatcher, type IgnoreMatcher, type IgnoreState } from '../../language/index.ts';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { EntryInfo } from '../runtime/types.ts';
import { cleanPath } from './cleanPath.ts';
import { globMatch, hasGlob } from './glob.ts';

/** A tree that COPY, ADD and bind mounts read from: the build context or a rootfs. Paths are absolute inside it. */
export interface SourceReader {
  lstat(path: string): Promise<EntryInfo | undefined>;
  /** Direct children of a directory, sorted by byte order. */
  list(path: string): Promise<readonly EntryInfo[]>;
  /** All below a directory, parents before children, sorted by byte order; files without `sha256`. */
  tree(path: string): Promise<readonly EntryInfo[]>;
  /** The same entries with `sha256` filled for regular files. */
  hash(entries: readonly EntryInfo[]): Promise<readonly EntryInfo[]>;
}

export interface SelectionRequest {
  /** As in the instruction, after expansion. */
  readonly sources: readonly string[];
  readonly exclude: readonly string[];
  readonly parents: boolean;
}

/** All of a tree as it is: what a bind mount shows. */
export interface TreeRequest {
  readonly tree: string;
}

/** One matched source. */
export interface SelectedSource {
  /** As written in the instruction. */
  readonly written: string;
  /** Last component of its name: the name it gets in a destination directory. */
  readonly base: string;
  /** What it is, links followed; `path` is where it really is. */
  readonly top: EntryInfo;
  /** Below a directory, by path relative to it. */
  readonly members: readonly SelectedMember[];
  /** Content that comes from no file: a heredoc's. */
  readonly content?: Uint8Array;
}

export interface SelectedMember {
  readonly relative: string;
  readonly entry: EntryInfo;
}

/** A literal source that does not exist. */
export class SourceMissing extends Error {
  readonly source: string;

  constructor(source: string) {
    super(`${source}: not found`);
    this.name = 'SourceMissing';
    this.source = source;
  }
}

/**
 * Find what the sources of a COPY name, with BuildKit's rules: cleaned to the root, a link named directly
 * is followed, patterns match per component without following links, a pattern without a match is fine, a
 * missing name throws {@link SourceMissing}.
 */
export async function selectSources(
  reader: SourceReader,
  request: SelectionRequest,
): Promise<readonly SelectedSource[]> {
  const exclude = createIgnoreMatcher(request.exclude.join('\n'));
  const selected: SelectedSource[] = [];
  for (const source of request.sources) {
    if (request.parents) selected.push(...(await selectWithParents(reader, { source, exclude })));
    else selected.push(...(await selectPlain(reader, { source, exclude })));
  }
  return hashSelection(reader, selected);
}

interface OneSource {
  readonly source: string;
  readonly exclude: IgnoreMatcher;
}

async function selectPlain(reader: SourceReader, { source, exclude }: OneSource): Promise<SelectedSource[]> {
  const selected: SelectedSource[] = [];
  for (const path of await expand(reader, rooted(source))) {
    const { entry } = await resolveInRoot(reader.lstat, path);
    if (!entry) {
      if (hasGlob(source)) continue;
      throw new SourceMissing(source);
    }
    const members =
      entry.type === 'directory' ? await membersBelow(reader, { directory: entry.path, exclude }) : [];
    selected.push({ written: source, base: posix.basename(path), top: entry, members });
  }
  return selected;
}

/** Names that a pattern matches; a plain name is itself, whether it exists or not. */
async function expand(reader: SourceReader, path: string): Promise<readonly string[]> {
  if (!hasGlob(path)) return [path];
  const parts = path.split('/').slice(1);
  const literal = parts.findIndex(part => hasGlob(part));
  const start = await resolveInRoot(reader.lstat, `/${parts.slice(0, literal).join('/')}`);
  if (start.entry?.type !== 'directory') return [];
  let level: readonly string[] = [start.path];
  const patterns = parts.slice(literal);
  for (const [index, pattern] of patterns.entries()) {
    const last = index === patterns.length - 1;
    const next: string[] = [];
    for (const directory of level) {
      for (const child of await reader.list(directory)) {
        if (!globMatch(pattern, posix.basename(child.path))) continue;
        if (last || child.type === 'directory') next.push(child.path);
      }
    }
    level = next;
  }
  return level;
}

/** `COPY --parents`: the path behind a `/./` (or the whole) is kept below the destination, with its folders. */
async function selectWithParents(
  reader: SourceReader,
  { source, exclude }: OneSource,
): Promise<SelectedSource[]> {
  const pivot = source.indexOf('/./');
  const root = pivot === -1 ? '/' : rooted(source.slice(0, pivot));
  const pattern = rooted(pivot === -1 ? source : source.slice(pivot + 3)).slice(1);
  const { entry: top } = await resolveInRoot(reader.lstat, root);
  if (top?.type !== 'directory') throw new SourceMissing(source);
  const include = pattern === '' ? undefined : createIgnoreMatcher(pattern);
  const members = filterMembers(await below(reader, { top: top.path, pattern }), {
    directory: top.path,
    keep: path => (include === undefined || include.ignores(path)) && !exclude.ignores(path),
  });
  if (members.length === 0 && !hasGlob(pattern) && pattern !== '') throw new SourceMissing(source);
  return [{ written: source, base: posix.basename(root), top, members }];
}

/** The entries that a pattern can reach: its literal folders and everything below the deepest. */
async function below(
  reader: SourceReader,
  { top, pattern }: { readonly top: string; readonly pattern: string },
): Promise<readonly EntryInfo[]> {
  const entries: EntryInfo[] = [];
  let at = top;
  for (const part of pattern.split('/')) {
    if (part === '' || hasGlob(part)) break;
    const entry = await reader.lstat(posix.join(at, part));
    if (!entry) return [];
    entries.push(entry);
    at = entry.path;
    if (entry.type !== 'directory') return entries;
  }
  return [...entries, ...(await reader.tree(at))];
}

async function membersBelow(
  reader: SourceReader,
  { directory, exclude }: { readonly directory: string; readonly exclude: IgnoreMatcher },
): Promise<readonly SelectedMember[]> {
  const entries = await reader.tree(directory);
  if (exclude.rules.length === 0)
    return entries.map(entry => ({ relative: relativeTo(directory, entry.path), entry }));
  const states = new Map<string, IgnoreState>();
  return filterMembers(entries, {
    directory,
    keep: path => {
      const state = exclude.match(path, states.get(posix.dirname(path)));
      states.set(path, state);
      return !state.ignored;
    },
  });
}

/** What `keep` accepts, and the folders on the way to it. */
function filterMembers(
  entries: readonly EntryInfo[],
  { directory, keep }: { readonly directory: string; readonly keep: (relative: string) => boolean },
): SelectedMember[] {
  const kept: SelectedMember[] = [];
  const skippedFolders = new Map<string, SelectedMember>();
  for (const entry of entries) {
    const member = { relative: relativeTo(directory, entry.path), entry };
    if (!keep(member.relative)) {
      if (entry.type === 'directory') skippedFolders.set(member.relative, member);
      continue;
    }
    kept.push(...takeParents(skippedFolders, member.relative), member);
  }
  return kept;
}

function takeParents(skipped: Map<string, SelectedMember>, path: string): SelectedMember[] {
  const parents: SelectedMember[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const folder = path.slice(0, at);
    const member = skipped.get(folder);
    if (!member) continue;
    skipped.delete(folder);
    parents.push(member);
  }
  return parents;
}

/** Fill in the digests of everything selected, each file once. */
async function hashSelection(
  reader: SourceReader,
  selected: readonly SelectedSource[],
): Promise<readonly SelectedSource[]> {
  const entries = new Map<string, EntryInfo>();
  for (const source of selected) {
    for (const entry of [source.top, ...source.members.map(member => member.entry)]) {
      entries.set(entry.path, entry);
    }
  }
  const hashed = new Map<string, EntryInfo>();
  for (const entry of await reader.hash([...entries.values()])) hashed.set(entry.path, entry);
  const withHash = (entry: EntryInfo): EntryInfo => hashed.get(entry.path) ?? entry;
  return selected.map(source => ({
    ...source,
    top: withHash(source.top),
    members: source.members.map(member => ({ ...member, entry: withHash(member.entry) })),
  }));
}

/** A source as an absolute clean path: `..` cannot climb above the root. */
export function rooted(source: string): string {
  return cleanPath(`/${source}`);
}

function relativeTo(directory: string, path: string): string {
  return directory === '/' ? path.slice(1) : path.slice(directory.length + 1);
}
