import { createHash } from 'node:crypto';
import type { Native, ScannedEntry } from '../native.ts';
import { readRecord, writeRecord } from '../store/records.ts';
import { type Check, SchemaError, shape, text } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/**
 * sha256 of files of one folder, remembered by stat identity. ctime is part of it: it changes with every
 * write, rename over and chmod, and no user can set it back, so equal size and mtime (git checkouts,
 * `touch -r`) never pass for equal content.
 *
 * A file that changed so shortly before it was read that a later change could carry the same ctime is not
 * remembered (the "racily clean" rule of git's index).
 */
export interface FileDigests {
  /** By the keys of `files`, which say the path without loss. */
  of(files: ReadonlyMap<string, ScannedEntry>): Promise<ReadonlyMap<string, string>>;
  /** Keep what is known of the keys that `exists` says are there. */
  save(exists: (key: string) => boolean): Promise<void>;
}

/** Whether what changed last at `ctimeNs` will have another ctime when it changes after a look at `seenNs`. */
export function isSettled(ctimeNs: bigint, seenNs: bigint): boolean {
  return ctimeNs + racyNs < seenNs;
}

/** Now, in nanoseconds since 1970. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Path of what is remembered about a context folder. */
export function contextRecord(
  { paths }: Store,
  { kind, directory }: { readonly kind: 'context' | 'selections'; readonly directory: string },
): string {
  return paths.cacheRecord(`${kind}-${createHash('sha256').update(directory).digest('hex')}`);
}

/** ctime comes from the kernel's coarse clock, which advances with the timer tick: at most 10 ms (CONFIG_HZ=100). */
const racyNs = 50_000_000n;

/** Without a place in each message: there are tens of thousands of entries. */
const digestMap: Check<Map<string, string>> = value => {
  const entries = Object.entries(value ?? {});
  if (entries.some(([, entry]) => typeof entry !== 'string'))
    throw new SchemaError('files has other than text');
  return new Map(entries as [string, string][]);
};

const record = shape({ directory: text, files: digestMap });

/** Without a store nothing is remembered. */
export function openFileDigests({
  native,
  store,
  directory,
}: {
  readonly native: Pick<Native, 'hashFiles'>;
  readonly store: Store | undefined;
  readonly directory: string;
}): FileDigests {
  const path = store && contextRecord(store, { kind: 'context', directory });
  let remembered: Promise<Map<string, string>> | undefined;
  const used = new Map<string, string>();
  let changed = false;

  /** Read at the first question. */
  function load(): Promise<Map<string, string>> {
    remembered ??= (path === undefined ? Promise.resolve(undefined) : readRecord(path, record)).then(
      found => found?.files ?? new Map(),
      () => new Map(),
    );
    return remembered;
  }

  async function hash(files: ReadonlyMap<string, ScannedEntry>, into: Map<string, string>): Promise<void> {
    if (files.size === 0) return;
    const known = await load();
    const startedNs = nowNs();
    const paths = [...files.values()].map(file => file.rawPath ?? file.path);
    const digests = await native.hashFiles(directory, paths);
    for (const [index, [key, file]] of [...files].entries()) {
      const digest = digests[index] as string;
      into.set(key, digest);
      used.set(key, digest);
      if (!isSettled(file.ctimeNs, startedNs)) continue;
      known.set(key, `${identity(file)} ${digest}`);
      changed = true;
    }
  }

  return {
    async of(files) {
      const known = await load();
      const found = new Map<string, string>();
      const unknown = new Map<string, ScannedEntry>();
      for (const [key, file] of files) {
        const entry = known.get(key);
        const digest = entry?.startsWith(`${identity(file)} `) ? entry.slice(-64) : used.get(key);
        if (digest === undefined) unknown.set(key, file);
        else found.set(key, digest);
      }
      await hash(unknown, found);
      return found;
    },
    async save(exists) {
      if (!changed || store === undefined || path === undefined) return;
      const known = await load();
      const files = Object.fromEntries([...known].filter(([file]) => exists(file)));
      await writeRecord(store.paths, path, { directory, files });
      changed = false;
    },
  };
}

/** Equal for two looks at a file only when nothing about it changed between them. */
export function identity(file: ScannedEntry): string {
  return `${file.device}:${file.inode}:${file.size}:${file.mtimeNs}:${file.ctimeNs}`;
}
