import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextEntry, ContextListing } from '../../language/ignore/coverage.ts';

/** So many entries are looked at; a larger context is known in part. */
const most = 20_000;

/** Everything below a folder, each folder right before what is in it. Links are not followed; what cannot be read is empty. */
export async function listContext(folder: string, signal: AbortSignal): Promise<ContextListing> {
  const entries: ContextEntry[] = [];
  /** Gives false when there is more than is looked at. */
  const add = async (path: string): Promise<boolean> => {
    const found = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
    for (const entry of found) {
      if (entries.length >= most || signal.aborted) return false;
      const own = path === '' ? entry.name : `${path}/${entry.name}`;
      const isFolder = entry.isDirectory();
      entries.push({ path: own, isFolder });
      if (isFolder && !(await add(own))) return false;
    }
    return true;
  };
  const isWhole = await add('');
  return { entries, isCut: !isWhole };
}
