import { access, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SampanError } from '../../common/errors.ts';
import { hasErrno } from '../store/failure.ts';

/** How a hierarchy freezes a group: cgroup-v2.rst, "cgroup.freeze"; v1 freezer-subsystem.rst. */
interface Kind {
  readonly file: string;
  readonly freeze: string;
  readonly thaw: string;
  /** The file that tells when all processes stand still, and how. */
  readonly told: string;
  readonly isFrozen: (text: string) => boolean;
}

const kinds: readonly Kind[] = [
  {
    file: 'cgroup.freeze',
    freeze: '1',
    thaw: '0',
    told: 'cgroup.events',
    isFrozen: text => /^frozen 1$/m.test(text),
  },
  {
    file: 'freezer.state',
    freeze: 'FROZEN',
    thaw: 'THAWED',
    told: 'freezer.state',
    isFrozen: text => text.trim() === 'FROZEN',
  },
];

/** The freezer of a container: one of its groups. */
export interface Freezer {
  /** The file that is `1`, `FROZEN` or `FREEZING` while the group is to stand still. */
  readonly path: string;
  readonly group: string;
  readonly kind: Kind;
}

/** Milliseconds until a group that does not stand still is given up. */
const freezeTimeout = 10_000;

/** The first of these groups that can be frozen. */
export async function findFreezer(groups: readonly string[]): Promise<Freezer | undefined> {
  for (const group of groups)
    for (const kind of kinds) {
      const path = `${group}/${kind.file}`;
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      if (isThere) return { path, group, kind };
    }
  return undefined;
}

/**
 * Let every process of the group stand still, and return when all do.
 *
 * @throws SampanError `internal` when one does not (it waits for a device): nothing is frozen then
 */
export async function freeze({ path, group, kind }: Freezer): Promise<void> {
  const deadline = Date.now() + freezeTimeout;
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    // v1 may stay FREEZING until it is asked again.
    await writeFile(path, kind.freeze);
    if (kind.isFrozen(await readFile(`${group}/${kind.told}`, 'utf8'))) return;
    if (Date.now() > deadline) break;
    await sleep(wait);
  }
  await writeFile(path, kind.thaw);
  throw new SampanError('internal', `The processes in ${group} do not stand still.`, {
    hint: 'One of them waits for a device or a network file system: see ps -o pid,stat,wchan.',
  });
}

/** Let the group go on; fine when it runs or is gone. */
export async function thaw({ path, kind }: Freezer): Promise<void> {
  await writeFile(path, kind.thaw).catch(error => {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENODEV')) throw error;
  });
}

/** Whether the group of a freezer's file is, or is about to be, frozen. False when it is gone. */
export function saysFrozen(text: string): boolean {
  return /^(1|FROZEN|FREEZING)\s*$/.test(text);
}
