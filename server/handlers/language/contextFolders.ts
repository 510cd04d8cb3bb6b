import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderEntry, Known } from '../../language/features/sources.ts';
import type { IgnoreMatcher } from '../../language/index.ts';

/** Milliseconds for which a listing is good: as long as somebody types one path. */
const lifetime = 2_000;

/** So many entries are offered of one folder; nobody chooses from more. */
const most = 2_000;

/** A build context. */
export interface ContextRoot {
  /** Its folder; undefined for a document that is no file. */
  readonly root: string | undefined;
  readonly ignore?: IgnoreMatcher | undefined;
}

interface Listing {
  readonly entries: Known<readonly FolderEntry[]>;
  readonly until: number;
}

/**
 * What is in the folders of build contexts, for completion: read in the background, one folder at a time.
 */
export class ContextFolders {
  readonly #listings = new WeakMap<IgnoreMatcher, Map<string, Listing>>();
  readonly #unignored = new Map<string, Listing>();
  readonly #reading = new Set<Promise<void>>();

  /** What `path` of a context holds; `pending` while it is read. */
  entries({ root, ignore }: ContextRoot, path: string): Known<readonly FolderEntry[]> {
    if (root === undefined) return undefined;
    const folder = join(root, path);
    const listings = this.#listingsFor(ignore);
    const known = listings.get(folder);
    if (known && (known.entries === 'pending' || performance.now() < known.until)) return known.entries;
    if (listings.size > 200) listings.clear();
    listings.set(folder, { entries: 'pending', until: 0 });
    const reading = this.#read(folder, { path, ignore }).then(entries => {
      listings.set(folder, { entries, until: performance.now() + lifetime });
      this.#reading.delete(reading);
    });
    this.#reading.add(reading);
    return 'pending';
  }

  /** Resolves when all that is being read now has been. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading);
  }

  /** Contexts that share a folder may leave out different things. */
  #listingsFor(ignore: IgnoreMatcher | undefined): Map<string, Listing> {
    if (ignore === undefined) return this.#unignored;
    const listings = this.#listings.get(ignore) ?? new Map<string, Listing>();
    this.#listings.set(ignore, listings);
    return listings;
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
