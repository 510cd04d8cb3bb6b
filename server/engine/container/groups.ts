import { rmdir } from 'node:fs/promises';
import { hasErrno } from '../store/failure.ts';
import { possibleGroups } from './cgroups.ts';
import type { ContainerContext } from './context.ts';

/** The monitor removes the groups of its container; one that was killed did not. It makes them before `run.json` is there. */
export async function removeGroups(context: ContainerContext, id: string): Promise<void> {
  const [run, access] = await Promise.all([context.registry.readRun(id), context.cgroups()]);
  for (const path of run?.cgroups ?? possibleGroups(id, access))
    await rmdir(path).catch(error => {
      if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'EBUSY')) throw error;
    });
}
