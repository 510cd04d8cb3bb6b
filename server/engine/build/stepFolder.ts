import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity, Runtime } from '../runtime/types.ts';
import { temporaryPath } from '../store/atomic.ts';
import { hasErrno } from '../store/failure.ts';
import { currentOwner, isOwnerAlive, ownerOfFile, ownerTag } from '../store/owner.ts';
import type { StorePaths } from '../store/paths.ts';

/** The two folders of a running step: `directory` for the monitor's files, `runDirectory` for its socket. */
export interface StepFolder {
  readonly id: string;
  readonly directory: string;
  readonly runDirectory: string;
  remove(): Promise<void>;
}

const SIGKILL = 9;

/** Make the folders of a step. Their names say whose they are, so that a later process can clean up after a crash. */
export async function makeStepFolder(paths: StorePaths, run: string): Promise<StepFolder> {
  const id = randomBytes(32).toString('hex');
  const directory = temporaryPath(paths, 'step');
  const runDirectory = join(run, 'b', `${id.slice(0, 8)}.${ownerTag(currentOwner())}`);
  await Promise.all([
    mkdir(directory, { recursive: true, mode: 0o700 }),
    mkdir(runDirectory, { recursive: true, mode: 0o700 }),
  ]);
  await writeFile(join(runDirectory, 'directory'), directory);
  return {
    id,
    directory,
    runDirectory,
    remove: async () => {
      await Promise.all([directory, runDirectory].map(one => rm(one, { recursive: true, force: true })));
    },
  };
}

/** True while a build of a living process runs the step with this id. */
export async function isStepRunning(run: string, id: string): Promise<boolean> {
  const names = await listed(join(run, 'b'));
  const owner = names.find(name => name.startsWith(`${id.slice(0, 8)}.`));
  const found = owner === undefined ? undefined : ownerOfFile(owner);
  return found !== undefined && isOwnerAlive(found);
}

/** Kill the steps of builds whose server is gone, and delete their folders. Call it once after a start. */
export async function recoverSteps(run: string, runtime: Pick<Runtime, 'signal'>): Promise<void> {
  const folder = join(run, 'b');
  for (const name of await listed(folder)) {
    const owner = ownerOfFile(name);
    if (owner && isOwnerAlive(owner)) continue;
    const runDirectory = join(folder, name);
    const directory = await readFile(join(runDirectory, 'directory'), 'utf8').catch(() => undefined);
    const running = directory && (await runningProcess(directory));
    if (running) await runtime.signal(running, SIGKILL).catch(() => undefined);
    // The monitor of a step that was just killed writes its last word while we delete.
    if (directory) await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    await rm(runDirectory, { recursive: true, force: true });
  }
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The main process of a step, as its monitor wrote it down. */
async function runningProcess(directory: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(directory, 'state.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const state = JSON.parse(text) as { readonly status?: string; readonly process?: ProcessIdentity };
    return state.status === 'running' ? state.process : undefined;
  } catch {
    return undefined;
  }
}
