import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { SampanError } from '../../common/errors.ts';
import { fileFailure, hasErrno } from '../store/failure.ts';
import type { StorePaths } from '../store/paths.ts';

/**
 * The numbered folders below `snapshots`. The server makes them itself: in both lanes its own user is id 0
 * inside, so no helper is needed for an empty upper and work directory.
 */
export interface SnapshotFolders {
  /** A new folder with empty `fs` and `work`. `parentFiles` gives `fs` its mode, as the merged root shows it. */
  create(parentFiles: string | undefined): Promise<number>;
  list(): Promise<readonly number[]>;
}

const defaultRootMode = 0o755;

export function openFolders(paths: StorePaths): SnapshotFolders {
  let next: number | undefined;

  async function claim(): Promise<number> {
    for (;;) {
      next ??= Math.max(0, ...(await listFolders(paths))) + 1;
      const number = next;
      next += 1;
      try {
        // mkdir fails on an existing folder, so that two processes never share a number.
        await mkdir(paths.snapshot(number), { mode: 0o700 });
        return number;
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error;
        // Another process is ahead: look again, once for all that it made.
        if (number % 16 === 0) next = undefined;
      }
    }
  }

  return {
    async create(parentFiles) {
      try {
        const number = await claim();
        await mkdir(paths.snapshotFiles(number));
        // Not through mkdir: the umask would cut it.
        await chmod(paths.snapshotFiles(number), await rootMode(parentFiles));
        await mkdir(paths.snapshotWork(number), { mode: 0o700 });
        return number;
      } catch (error) {
        throw fileFailure(error, 'Making a snapshot');
      }
    },
    list: () => listFolders(paths),
  };
}

async function listFolders(paths: StorePaths): Promise<readonly number[]> {
  const names = await readdir(paths.snapshots).catch(error => {
    throw hasErrno(error, 'ENOENT') ? snapshotsGone(paths.snapshots, error) : error;
  });
  return names.filter(name => /^[1-9]\d*$/.test(name)).map(Number);
}

function snapshotsGone(path: string, cause: unknown): SampanError {
  return new SampanError(
    'store-corrupt',
    `The folder ${path} is gone, and with it the files of all images and containers.`,
    {
      hint: `Put it back from a copy. Without one make it empty (mkdir -m 700 ${path}), remove the containers and images, and pull or build again; volumes are whole.`,
      detail: { path },
      cause,
    },
  );
}

async function rootMode(parentFiles: string | undefined): Promise<number> {
  if (parentFiles === undefined) return defaultRootMode;
  return (await stat(parentFiles)).mode & 0o7777;
}
