import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FolderEntry, Known } from '../../language/features/sources.ts';
import type { IgnoreMatcher } from '../../language/index.ts';
import { localPath } from './localPath.ts';

/** Milliseconds for which a listing is good: as long as somebody types one path. */
const lifetime = 2_000;

/** So many entries are offered of one folder; nobody chooses from more. */
const most = 2_000;

interface Listing {
  readonly entries: Known<readonly FolderEntry[]>;
  readonly until: number;
}

/**
 * What is in the folders of build contexts, for completion: read in the background, one folder at a time. The context of
 * a Dockerfile is the folder that it is in.
 */
export class ContextFolders {
  readonly #listings = new Map<string, Listing>();
  readonly #reading = new Set<Promise<void>>();
  readonly #ignoreOf: (uri: string) => IgnoreMatcher | undefined;

  constructor(ignoreOf: (uri: string) => IgnoreMatcher | undefined) {
    this.#ignoreOf = ignoreOf;
  }

  /** What `path` of the context of a Dockerfile holds; `pending` while it is read. */
  entries(uri: string, path: string): Known<readonly FolderEntry[]> {
    const file = localPath(uri);
    if (file === undefined) return undefined;
    const folder = join(dirname(file), path);
    const known = this.#listings.get(folder);
    if (known && (known.entries === 'pending' || performance.now() < known.until)) return known.entries;
    if (this.#listings.size > 200) this.#listings.clear();
    this.#listings.set(folder, { entries: 'pending', until: 0 });
    const reading = this.#read(folder, { path, ignore: this.#ignoreOf(uri) }).then(entries => {
      this.#listings.set(folder, { entries, until: performance.now() + lifetime });
      this.#reading.delete(reading);
    });
    this.#reading.add(reading);
    return 'pending';
  }

  /** Resolves when all that is being read now has been. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading);
  }

  /** A folder that is not there or cannot be read has nothing to offer. */
  async #read(
    folder: string,
    { path, ignore }: { readonly path: string; readonly ignore: IgnoreMatcher | undefined },
  ): Promise<readonly FolderEntry[] | undefined> {
    const found = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    return found?.slice(0, most).map(entry => {
      const isFolder = entry.isDirectory();
      const own = path === '' ? entry.name : `${path}/${entry.name}`;
      // Below an ignored folder an exception can bring something back.
      const isIgnored = (ignore?.ignores(own) ?? false) && !(isFolder && ignore?.mayKeepBelow(own));
      return { name: entry.name, isFolder, isIgnored };
    });
  }
}
