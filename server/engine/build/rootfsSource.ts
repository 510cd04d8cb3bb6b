import type { EntryInfo, MountedRootfs } from '../runtime/types.ts';
import { escapePath } from './pathBytes.ts';
import type { SourceReader } from './sources.ts';

/**
 * A mounted rootfs as a tree to copy from. Owners and capabilities are kept. `content` says whether the
 * digests of files are needed.
 */
export function rootfsSource(
  rootfs: MountedRootfs,
  { content }: { readonly content: 'hash' | 'skip' },
): SourceReader {
  const hash = content === 'hash';
  return {
    lstat: path => rootfs.stat(path, { followLast: false }),
    list: path => collect(rootfs.walk(path, { hash: false, recursive: false })),
    tree: path => collect(rootfs.walk(path, { hash, recursive: true })),
    hash: entries => (hash ? inOrder(entries, entry => withDigest(rootfs, entry)) : Promise.resolve(entries)),
  };
}

/** A session serves one request at a time. */
async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function collect(entries: AsyncIterable<EntryInfo>): Promise<readonly EntryInfo[]> {
  const all: EntryInfo[] = [];
  for await (const entry of entries)
    all.push(entry.rawPath ? { ...entry, path: escapePath(entry.rawPath) } : entry);
  return all;
}

async function withDigest(rootfs: MountedRootfs, entry: EntryInfo): Promise<EntryInfo> {
  if (entry.type !== 'file' || entry.sha256 !== undefined) return entry;
  const [hashed] = await collect(rootfs.walk(entry.path, { hash: true, recursive: false }));
  return hashed ?? entry;
}
