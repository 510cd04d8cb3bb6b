import { rmdir } from 'node:fs/promises';
import { hasErrno } from '../store/failure.ts';
import type { ContainerContext } from './context.ts';

/** The monitor removes the groups of its container; one that was killed did not. */
export async function removeGroups(context: ContainerContext, id: string): Promise<void> {
  const run = await context.registry.readRun(id);
  for (const path of run?.cgroups ?? [])
    await rmdir(path).catch(error => {
      if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'EBUSY')) throw error;
    });
}
