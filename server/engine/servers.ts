import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './store/folder.ts';
import { currentOwner, isOwnerAlive, ownerOfFile, ownerTag } from './store/owner.ts';

/** This server's entry among those that have the store open. */
export interface ServerEntry {
  /** A server ended without leaving, or the machine was started anew: what it was at may lie about. */
  readonly recoveryNeeded: boolean;
  /** The leftovers are dealt with. */
  recovered(): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Every open engine has a file in `<run>/servers`. One whose process is gone tells the next that opens that
 * there is something to clean up; without it opening costs nothing.
 */
export async function enterServers(run: string): Promise<ServerEntry> {
  const folder = join(run, 'servers');
  const stale = await staleEntries(folder);
  await makeFolder(folder);
  const own = join(folder, `server.${nextNumber()}.${ownerTag(currentOwner())}`);
  await writeFile(own, '', { mode: 0o600 });
  return {
    recoveryNeeded: stale === undefined || stale.length > 0,
    async recovered() {
      for (const name of stale ?? []) await rm(join(folder, name), { force: true });
    },
    leave: () => rm(own, { force: true }),
  };
}

/** Undefined before the first server since the start of the machine. */
async function staleEntries(folder: string): Promise<readonly string[] | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  return names?.filter(name => {
    const owner = ownerOfFile(name);
    return owner !== undefined && !isOwnerAlive(owner);
  });
}

let opened = 0;

function nextNumber(): number {
  opened += 1;
  return opened;
}
