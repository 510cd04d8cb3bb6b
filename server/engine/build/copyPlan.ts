import { posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import type { CopyEntry, EntryInfo } from '../runtime/types.ts';
import { rawBytes } from './pathBytes.ts';
import type { SelectedSource } from './sources.ts';

/** Where a COPY writes and how. */
export interface CopyTarget {
  /** Absolute, all links resolved (see `resolveInRoot`). */
  readonly path: string;
  /** The destination was written as a directory: with a trailing slash, as `.` or `..`. */
  readonly asDirectory: boolean;
  /** What exists there now. */
  readonly existing: EntryInfo['type'] | undefined;
  /** `--chown`; files of a context without it get 0:0 from the reader, files of a stage keep theirs. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly chmod:
    | ((entry: { readonly type: EntryInfo['type']; readonly mode: number }) => number)
    | undefined;
  /** `--parents`: a destination that is made is itself a parent, and gets the mode of `--chmod`. */
  readonly parents: boolean;
}

/** Mode of folders that nobody asked for. */
const parentMode = 0o755;

/**
 * The entries that put `sources` at `target`, in BuildKit's way: a directory's contents go into the
 * destination, a file goes into an existing directory, otherwise it becomes the destination; an existing
 * top directory keeps its mode and owner but not its time, nested ones take those of the source; hard links survive within one
 * source; sockets become empty files.
 */
export function planCopy(sources: readonly SelectedSource[], target: CopyTarget): readonly CopyEntry[] {
  if (sources.length === 0) return [];
  const planner = new CopyPlanner(target);
  for (const source of sources) planner.add(source);
  return planner.entries;
}

class CopyPlanner {
  readonly entries: CopyEntry[] = [];
  readonly #target: CopyTarget;
  readonly #made = new Set<string>(['/']);
  #existing: EntryInfo['type'] | undefined;
  #groups = 0;

  constructor(target: CopyTarget) {
    this.#target = target;
    this.#existing = target.existing;
  }

  add(source: SelectedSource): void {
    if (source.top.type === 'directory') this.#addDirectory(source);
    else this.#addFile(source);
  }

  #addDirectory(source: SelectedSource): void {
    const { path } = this.#target;
    this.#makeDirectories(path);
    this.#existing = 'directory';
    const groups = this.#linkGroups(source);
    for (const { relative, entry } of source.members) {
      refuseWhiteout(entry);
      const target = posix.join(path, relative);
      if (entry.type === 'directory') this.#made.add(target);
      this.entries.push(
        this.#entry(entry, { target, group: entry.inode ? groups.get(entry.inode) : undefined }),
      );
    }
    if (path !== '/' && !this.#target.parents) this.#dateDirectory(path, source.top.mtimeNs);
  }

  /** Whether it was there before or not, the destination gets the time of the directory that fills it. */
  #dateDirectory(target: string, mtimeNs: bigint): void {
    const { uid, gid } = this.#target.owner ?? { uid: 0, gid: 0 };
    this.entries.push({ type: 'directory', target, uid, gid, mode: parentMode, mtimeNs, existing: 'keep' });
  }

  #addFile(source: SelectedSource): void {
    const { path, asDirectory } = this.#target;
    const into = asDirectory || this.#existing === 'directory';
    const target = into ? posix.join(path, source.base) : path;
    refuseWhiteout({ ...source.top, path: target });
    this.#makeDirectories(posix.dirname(target));
    this.#existing ??= into ? 'directory' : source.top.type;
    const entry = this.#entry(source.top, { target, group: undefined });
    this.entries.push(source.content ? withContent(entry, source.content) : entry);
  }

  /** The directory and its parents, each once; what exists keeps its mode and owner. */
  #makeDirectories(path: string): void {
    const missing: string[] = [];
    for (let at = path; !this.#made.has(at); at = posix.dirname(at)) {
      this.#made.add(at);
      missing.unshift(at);
    }
    for (const target of missing) {
      this.entries.push({
        type: 'directory',
        target,
        uid: this.#target.owner?.uid ?? 0,
        gid: this.#target.owner?.gid ?? 0,
        mode: target === this.#target.path ? this.#topMode() : parentMode,
        existing: 'keep',
      });
    }
  }

  #topMode(): number {
    const { parents, chmod } = this.#target;
    return parents && chmod ? chmod({ type: 'directory', mode: parentMode }) : parentMode;
  }

  /** A number for every inode that appears twice among the members of one source. */
  #linkGroups(source: SelectedSource): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { entry } of source.members) {
      if (entry.type === 'file' && entry.inode) counts.set(entry.inode, (counts.get(entry.inode) ?? 0) + 1);
    }
    const groups = new Map<string, number>();
    for (const [inode, count] of counts) if (count > 1) groups.set(inode, ++this.#groups);
    return groups;
  }

  #entry(from: EntryInfo, to: { readonly target: string; readonly group: number | undefined }): CopyEntry {
    const { owner, chmod } = this.#target;
    const capability = from.xattrs?.['security.capability'];
    const socket = from.type === 'socket';
    return {
      type: socket ? 'file' : from.type,
      ...targetField(to.target),
      uid: owner?.uid ?? from.uid,
      gid: owner?.gid ?? from.gid,
      mode: chmod && from.type !== 'symlink' ? chmod(from) : from.mode,
      mtimeNs: from.mtimeNs,
      ...(from.type === 'file' ? sourceField(from.path.slice(1)) : {}),
      ...(socket ? { content: new Uint8Array(0) } : {}),
      ...(from.type === 'directory' ? { existing: 'update' as const } : {}),
      ...(from.linkTarget === undefined ? {} : { linkTarget: from.linkTarget }),
      ...(from.deviceMajor === undefined ? {} : { deviceMajor: from.deviceMajor }),
      ...(from.deviceMinor === undefined ? {} : { deviceMinor: from.deviceMinor }),
      ...(capability === undefined ? {} : { xattrs: { 'security.capability': capability } }),
      ...(to.group === undefined ? {} : { linkGroup: to.group }),
    };
  }
}

/** Names that are not UTF-8 go as bytes beside their text. */
function sourceField(source: string): Pick<CopyEntry, 'source' | 'rawSource'> {
  const rawSource = rawBytes(source);
  return rawSource ? { source, rawSource } : { source };
}

function targetField(target: string): Pick<CopyEntry, 'target' | 'rawTarget'> {
  const rawTarget = rawBytes(target);
  return rawTarget ? { target, rawTarget } : { target };
}

function withContent({ source: _none, ...entry }: CopyEntry, content: Uint8Array): CopyEntry {
  return { ...entry, content };
}

/** Such a name would delete a file of the layers below when the image is used. */
function refuseWhiteout(entry: EntryInfo): void {
  const name = posix.basename(entry.path);
  if (!name.startsWith('.wh.')) return;
  throw new SampanError(
    'build-failed',
    `The file "${entry.path}" cannot be put into an image: names that begin with ".wh." mark deleted files in a layer.`,
    {
      hint: 'Rename it, or exclude it with .dockerignore.',
    },
  );
}
