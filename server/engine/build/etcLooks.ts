import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountFiles } from '../container/user.ts';
import { hasErrno } from '../store/failure.ts';
import type { MountPoint } from './runMounts.ts';

/** What a step without mounts of its own wants to know of its rootfs: all of it lies in /etc. */
export interface EtcLook {
  readonly accounts: AccountFiles;
  /** Places that the engine's mounts lack. */
  readonly missing: readonly MountPoint[];
  /** No link leads out of /etc: then it says all. */
  readonly isPlain: boolean;
}

/** Looks into the /etc of the rootfs of a build's steps: one does for all that stand on it and change nothing there. */
export class EtcLooks {
  readonly #known = new Map<string, Promise<EtcLook>>();

  /** `layers` are directories, topmost first, none of which ever changes. */
  async at(layers: readonly string[], look: () => Promise<EtcLook>): Promise<EtcLook> {
    const key = (await this.#withoutEtc(layers)).join('\0');
    const known = this.#known.get(key);
    if (known) return known;
    const looking = look();
    this.#known.set(key, looking);
    const forget = () => this.#known.delete(key);
    looking.then(found => found.isPlain || forget(), forget);
    return looking;
  }

  /** The layers from the topmost that has an /etc. */
  async #withoutEtc(layers: readonly string[]): Promise<readonly string[]> {
    for (const [index, directory] of layers.entries())
      if (!(await isAbsent(join(directory, 'etc')))) return layers.slice(index);
    return [];
  }
}

/** False also for what cannot be looked at from here, because sub-ids own it. */
async function isAbsent(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    return hasErrno(error, 'ENOENT');
  }
}
