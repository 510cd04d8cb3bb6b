import { posix } from 'node:path';
import type { CopyEntry } from '../runtime/types.ts';
import type { SelectedSource } from './sources.ts';

/**
 * What a COPY puts into its layer: all there is to say about each target, so that two of them tell which targets differ.
 * The kind stands before the first blank.
 */
export type CopiedTree = ReadonlyMap<string, string>;

/** What makes one tree of another. */
export interface TreeDifference {
  /** Targets to be removed first, none of them below another. */
  readonly removed: readonly string[];
  /** In the order of the plan. */
  readonly entries: readonly CopyEntry[];
}

/**
 * The tree that `entries` make; undefined when that cannot be said: a file without a digest, a name that is not text,
 * or two files for one target.
 */
export function copiedTree(
  entries: readonly CopyEntry[],
  sources: readonly SelectedSource[],
): CopiedTree | undefined {
  const digests = new Map<string, string | undefined>();
  for (const { top, members } of sources)
    for (const entry of [top, ...members.map(member => member.entry)])
      digests.set(entry.path.slice(1), entry.sha256);
  const tree = new Map<string, string>();
  for (const entry of entries) {
    const digest = entry.source === undefined ? '' : digests.get(entry.source);
    const earlier = tree.get(entry.target);
    const isTwice = earlier !== undefined && !(isDirectory(earlier) && entry.type === 'directory');
    if (isTwice || entry.rawSource || entry.rawTarget || digest === undefined) return undefined;
    const text = `${kindOf(entry)} ${stateOf(entry)} ${digest}`;
    // Folders on the way to the destination are planned twice: made, and dated at the end.
    tree.set(entry.target, earlier === undefined ? text : `${text} ${earlier}`);
  }
  return tree;
}

/**
 * What makes the tree of a plan of an earlier one, applied to the earlier one's layer; undefined when the whole copy
 * is the better way, because more than half would be copied, or the only one.
 */
export function treeDifference(
  before: CopiedTree,
  { entries, tree }: { readonly entries: readonly CopyEntry[]; readonly tree: CopiedTree },
): TreeDifference | undefined {
  const changed = new Set<string>();
  const gone = new Set<string>();
  for (const [target, text] of tree) if (before.get(target) !== text) changed.add(target);
  for (const [target, text] of before) {
    const now = tree.get(target);
    if (now === undefined || isDirectory(now) !== isDirectory(text)) gone.add(target);
    // Made for another reason than before: what it was like without is not known.
    else if (isDirectory(now) && kind(now) !== kind(text)) return undefined;
  }
  for (const { target, linkGroup } of entries) if (linkGroup !== undefined) changed.add(target);
  if (2 * (changed.size + gone.size) > tree.size) return undefined;
  // Whose entries change changes itself: it gets its time again.
  for (const target of [...changed, ...gone]) {
    const folder = posix.dirname(target);
    if (tree.has(folder)) changed.add(folder);
  }
  return {
    removed: [...gone].filter(target => !gone.has(posix.dirname(target))),
    entries: entries.filter(({ target }) => changed.has(target)),
  };
}

function kindOf({ type, existing, linkGroup }: CopyEntry): string {
  return [type, existing ?? '', linkGroup === undefined ? '' : 'linked'].join(':');
}

function kind(text: string): string {
  return text
    .split(' ')
    .filter(word => word.startsWith('directory:'))
    .join();
}

function isDirectory(text: string): boolean {
  return text.startsWith('directory:');
}

/** All of an entry but its name and content. */
function stateOf(entry: CopyEntry): string {
  const { mode, uid, gid, mtimeNs, linkTarget, deviceMajor, deviceMinor, xattrs } = entry;
  const special = [linkTarget, deviceMajor, deviceMinor, xattrs].some(one => one !== undefined)
    ? JSON.stringify([linkTarget, deviceMajor, deviceMinor, xattrs])
    : '';
  return `${mode} ${uid} ${gid} ${mtimeNs ?? ''} ${special}`;
}
