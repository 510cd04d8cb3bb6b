import { posix } from 'node:path';
import type { EntryInfo } from './types.ts';

/** What is at a path whose parents are real directories: the last component is not followed. */
export type Lstat = (path: string) => Promise<EntryInfo | undefined>;

export interface ResolvedPath {
  /** Absolute and free of links, as far as it exists; what does not exist is appended as written. */
  readonly path: string;
  readonly entry: EntryInfo | undefined;
}

/** As many links as Go's continuity/fs.RootPath follows. */
const linksMax = 255;

/**
 * Follow every symbolic link in `path`, the last component and dangling ones included, without ever
 * leaving the root: `..` at the root stays there and absolute targets start there. A chain of too many
 * links is reported as missing.
 */
export async function resolveInRoot(lstat: Lstat, path: string): Promise<ResolvedPath> {
  let pending = components(path);
  let at = '/';
  let entry: EntryInfo | undefined;
  let links = 0;
  while (pending.length > 0) {
    const [name, ...rest] = pending as [string, ...string[]];
    pending = rest;
    if (name === '..') {
      at = posix.dirname(at);
      entry = undefined;
      continue;
    }
    const next = posix.join(at, name);
    const found = await lstat(next);
    if (found === undefined) return { path: posix.join(next, ...pending), entry: undefined };
    if (found.type === 'symlink') {
      if (++links > linksMax) return { path: next, entry: undefined };
      const target = found.linkTarget ?? '';
      if (target.startsWith('/')) at = '/';
      pending = [...components(target), ...pending];
      entry = undefined;
      continue;
    }
    if (found.type !== 'directory' && pending.length > 0) {
      return { path: posix.join(next, ...pending), entry: undefined };
    }
    at = next;
    entry = found;
  }
  return { path: at, entry: entry ?? (await lstat(at)) };
}

function components(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.');
}
