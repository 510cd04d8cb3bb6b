import { chmod, readdir, readFile } from 'node:fs/promises';
import { SampanError } from '../../common/errors.ts';
import { createFile } from './atomic.ts';
import { fileFailure, hasErrno } from './failure.ts';
import { makeFolder } from './folder.ts';
import { type StorePaths, storeFolders } from './paths.ts';

/** Raised when a store of today could be misread by yesterday's program. */
export const storeVersion = 1;

/** What another process that creates this store just made, and what mkfs leaves on a volume of its own. */
const tolerated = new Set(['lock', 'version', 'lost+found']);

/** Make what is missing of a store, and refuse one that a newer Sampan wrote, or a folder that is none. */
export async function prepareStore(paths: StorePaths): Promise<void> {
  try {
    if ((await readVersion(paths)) === undefined) await createStore(paths);
  } catch (error) {
    throw fileFailure(error, `Opening the store ${paths.root}`);
  }
}

async function createStore(paths: StorePaths): Promise<void> {
  await makeFolder(paths.root).catch(error => {
    // A file system that makes no folders, such as /proc, answers so.
    throw hasErrno(error, 'ENOENT') ? noFolderHere(paths.root, error) : error;
  });
  await refuseForeignFolder(paths);
  for (const folder of storeFolders(paths)) await makeFolder(folder);
  await chmod(paths.root, 0o700);
  // Last, so that a version file says that all folders are there.
  const created = await createFile(paths, paths.version, Buffer.from(`${storeVersion}\n`));
  if (!created) await readVersion(paths);
}

async function readVersion(paths: StorePaths): Promise<number | undefined> {
  let content: string;
  try {
    content = await readFile(paths.version, 'latin1');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const version = Number(content);
  if (!Number.isInteger(version) || version < 1) {
    throw new SampanError(
      'store-corrupt',
      `The store file ${paths.version} does not hold a version number.`,
      {
        hint: `Write ${storeVersion} into it if the store is of this version, or choose another folder with SAMPAN_ROOT.`,
        detail: { path: paths.version },
      },
    );
  }
  if (version > storeVersion) {
    throw new SampanError(
      'version-mismatch',
      `The store ${paths.root} has version ${version}; this Sampan knows versions up to ${storeVersion}.`,
      { hint: 'Update Sampan, or choose another folder with SAMPAN_ROOT.', detail: { version } },
    );
  }
  return version;
}

/** Somebody's home as SAMPAN_ROOT would be made 0700 and filled: refuse what holds files but is no store. */
async function refuseForeignFolder(paths: StorePaths): Promise<void> {
  const known = new Set(storeFolders(paths).map(folder => folder.slice(paths.root.length + 1).split('/')[0]));
  const foreign = (await readdir(paths.root)).find(name => !known.has(name) && !tolerated.has(name));
  if (foreign === undefined) return;
  throw new SampanError(
    'invalid-argument',
    `${paths.root} is not a Sampan store: it holds "${foreign}" and no version file.`,
    { hint: 'Choose an empty or new folder with SAMPAN_ROOT.', detail: { path: paths.root } },
  );
}

function noFolderHere(root: string, cause: unknown): SampanError {
  return new SampanError(
    'unsupported',
    `The store ${root} cannot be made: its file system has no room for folders of ours.`,
    {
      hint: 'Choose another folder with the environment variable SAMPAN_ROOT.',
      cause,
    },
  );
}
