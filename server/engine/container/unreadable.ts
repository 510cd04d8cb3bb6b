import { readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { SIGKILL } from '../../common/signals.ts';
import { unlessDamaged } from '../store/damage.ts';
import { readRecord } from '../store/records.ts';
import type { ContainerContext } from './context.ts';
import { removeGroups } from './groups.ts';
import { runRecord } from './record.ts';

/**
 * Containers whose record cannot be read or is gone. What they were is not known; what is left of them is found by
 * their id, which every part of them carries. Anonymous volumes stay: only the record named them.
 */

/** Milliseconds that a killed process gets to be gone. */
const killTimeout = 10_000;

/** End what runs of it and delete everything that carries its id. Each step can be done again. */
export async function removeUnreadable(context: ContainerContext, id: string): Promise<void> {
  const { registry } = context;
  await endProcess(context, id);
  for (const name of await registry.namesOf(id)) await registry.releaseName(name, id);
  await context.networks.releaseAll(id);
  await unlessDamaged(removeGroups(context, id));
  await context.snapshots.remove(id);
  await registry.delete(id);
}

/** Remove what is left of containers that lost their record or their whole folder. */
export async function recoverRecordless(context: ContainerContext): Promise<void> {
  const { registry } = context;
  for (const id of await registry.recordless()) await removeUnreadable(context, id);
  const known = new Set((await registry.ids()).map(id => id.slice(0, 12)));
  const folder = join(context.run, 'c');
  const names: readonly string[] = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (known.has(name)) continue;
    const run = await unlessDamaged(readRecord(join(folder, name, 'run.json'), runRecord));
    // Several stores may share one runtime folder: only its run.json tells whose it is.
    if (run?.id !== undefined && run.root === context.store.paths.root)
      await removeUnreadable(context, run.id);
  }
}

/** By the state that the monitor wrote, or by its socket: either may be all that is left. */
async function endProcess(context: ContainerContext, id: string): Promise<void> {
  const { state, monitorAlive } = await context.registry.state(id);
  if (state?.status === 'running') {
    if (context.native.isAlive(state.process)) await context.runtime.signal(state.process, SIGKILL);
    if (monitorAlive)
      await context.native.waitForExit(state.monitor, { signal: AbortSignal.timeout(killTimeout) });
    return;
  }
  // Between two runs there is nothing but the monitor.
  if (state?.status === 'restarting' && monitorAlive) {
    await context.runtime.signal(state.monitor, SIGKILL);
    await context.native.waitForExit(state.monitor, { signal: AbortSignal.timeout(killTimeout) });
    return;
  }
  await killByAttachSocket(join(context.registry.runDirectory(id), 'attach.sock'));
}

/** A signal frame (native/init/attach.c) to whoever listens; done when the monitor hangs up. */
function killByAttachSocket(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.setTimeout(killTimeout, () => socket.destroy(new Error(`The monitor on ${path} does not end.`)));
    socket.on('connect', () => socket.write(Uint8Array.of(signalFrame, 0, 0, 0, 0, 0, 0, 1, SIGKILL)));
    socket.on('data', () => undefined); // what the process wrote last
    socket.on('close', () => resolve());
    socket.on('error', error => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) reject(error);
      else resolve(); // nobody listens: a container ends with its monitor
    });
  });
}

const signalFrame = 6;
