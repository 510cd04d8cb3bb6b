import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HelperRuntime } from '../../../server/engine/runtime/client.ts';
import { Holder } from '../../../server/engine/runtime/holder.ts';
import type { StartedContainer } from '../../../server/engine/runtime/types.ts';

/** The helper of this tree, as `npm run build` makes it. */
export const helper = join(fileURLToPath(new URL('../../..', import.meta.url)), 'dist', 'sampan-init');

/** True when the files run in the root lane. */
export const isRoot = process.getuid?.() === 0;

/** SAMPAN_ROOT and SAMPAN_RUN of one test, with a holder that leaves soon after it is used. */
export interface Sandbox {
  readonly base: string;
  readonly root: string;
  readonly run: string;
  readonly holder: Holder;
  readonly runtime: HelperRuntime;
  /** Containers to kill at the end, whatever a failed test left running. */
  readonly started: StartedContainer[];
  /** Ends what still runs here and removes the folders; throws when a process does not go away. */
  remove(): Promise<void>;
}

export interface SandboxOptions {
  /** Seconds after which the holder leaves. */
  readonly idleSeconds?: number;
  /** Path of the helper, given the folder of the sandbox. */
  readonly program?: (base: string) => string;
}

export function makeSandbox({ idleSeconds = 1, program = () => helper }: SandboxOptions = {}): Sandbox {
  const base = mkdtempSync(join(tmpdir(), 'sp-'));
  const [root, run] = [join(base, 'root'), join(base, 'run')];
  const options = { root, run, helper: program(base), idleSeconds };
  const holder = new Holder(options);
  const runtime = new HelperRuntime(options);
  const started: StartedContainer[] = [];
  const remove = async () => {
    for (const { process } of started) await runtime.signal(process, 9).catch(() => undefined);
    await removeSandbox({ base, run, runtime });
  };
  return { base, root, run, holder, runtime, started, remove };
}

/** Pids of the processes that belong to this runtime folder: the holder, found by its lock, and all below it. */
export function holderPids(run: string): number[] {
  const lock = join(run, 'holder.lock');
  return pids().filter(pid => openFiles(pid).includes(lock));
}

/** SIGKILL to the holder, and to its process outside of the namespaces. */
export function killHolder(run: string): void {
  for (const pid of holderPids(run)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // A session that ended between the listing and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Resolves when `fact` holds, which is asked for every few milliseconds; rejects after `seconds`. */
export async function eventually(
  what: string,
  fact: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await fact())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

async function removeSandbox({
  base,
  run,
  runtime,
}: Pick<Sandbox, 'base' | 'run' | 'runtime'>): Promise<void> {
  // Rootless, what containers wrote belongs to sub-ids: only the helper may remove it.
  const session = await runtime.openFs();
  const kept = basename(run);
  await session.removeTree(
    readdirSync(base)
      .filter(name => name !== kept)
      .map(name => join(base, name)),
  );
  await session.close();
  execFileSync(helper, ['dismiss', run]);
  await eventually('the holder and its children leave', () => holderPids(run).length === 0);
  await rm(base, { recursive: true, force: true });
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean);
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** /proc/<pid>/status field, trimmed, or undefined when the process is gone. */
export function statusField(pid: number, field: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return status.match(new RegExp(`^${field}:\\s*(.*)$`, 'm'))?.[1];
  } catch {
    return undefined;
  }
}
