import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure } from '../store/failure.ts';
import type { Store } from '../store/store.ts';

const directories = ['dev', 'etc', 'proc', 'sys'];
const files = ['etc/hostname', 'etc/hosts', 'etc/resolv.conf'];

/**
 * A layer with the places where the engine mounts things, for the bottom of every container's overlay: an
 * image's own files win, and what an image lacks does not appear as a change of the container. (Docker has an
 * "init layer" per container for that.)
 */
export async function makeMountPoints(store: Store): Promise<string> {
  const folder = store.paths.mountPoints;
  try {
    if (await isMade(folder)) return folder;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of directories) await mkdir(join(folder, name), { recursive: true });
    for (const name of files) await writeFile(join(folder, name), '');
    // Whatever the umask is, every user of a container may look.
    for (const name of directories) await chmod(join(folder, name), 0o755);
    for (const name of files) await chmod(join(folder, name), 0o644);
    await chmod(folder, 0o755); // last: it says that all is there
  } catch (error) {
    throw fileFailure(error, 'Preparing the mount points of containers');
  }
  return folder;
}

async function isMade(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && (found.mode & 0o777) === 0o755;
}
