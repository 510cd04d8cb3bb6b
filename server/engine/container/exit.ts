import { SampanError } from '../../common/errors.ts';
import type { MonitorState } from '../runtime/types.ts';
import { hasErrno } from '../store/failure.ts';
import type { ContainerContext } from './context.ts';
import { FolderChanges } from './folderChanges.ts';
import type { ContainerFacts } from './state.ts';

/** Facts of a container that runs. */
export type Running = ContainerFacts & { readonly state: Extract<MonitorState, { status: 'running' }> };

export function isRunning(facts: ContainerFacts): facts is Running {
  return facts.state?.status === 'running' && facts.monitorAlive;
}

/** Facts of a container whose monitor lives: it runs, or will again after a pause. */
export type Active = ContainerFacts & {
  readonly state: Exclude<MonitorState, { status: 'exited' }>;
};

export function isActive(facts: ContainerFacts): facts is Active {
  return facts.monitorAlive && facts.state !== undefined && facts.state.status !== 'exited';
}

/**
 * Wait until `done` says so of the container's facts, or of undefined once it was removed; looked at again at
 * every change of its folder and when its monitor ends. Resolves to undefined for a removed container, and to
 * `'timeout'` after `timeout` milliseconds.
 *
 * @throws SampanError `cancelled` when `signal` aborts
 */
export async function waitForFacts(
  context: ContainerContext,
  id: string,
  options: {
    readonly done: (facts: ContainerFacts) => boolean;
    readonly timeout?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ContainerFacts | undefined | 'timeout'> {
  const deadline = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout);
  const stop = AbortSignal.any([options.signal, deadline].filter(signal => signal !== undefined));
  let changes: FolderChanges;
  try {
    // Not the log, which a container may write thousands of times a second, nor what is not in its place yet.
    const tells = (name: string) => !name.startsWith('log') && !name.endsWith('.new');
    changes = new FolderChanges(context.registry.directory(id), tells);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    for (;;) {
      changes.arm();
      const facts = await context.registry.facts(id);
      if (!facts || options.done(facts)) return facts;
      if (options.signal?.aborted)
        throw new SampanError('cancelled', 'Waiting for the container was cancelled.');
      if (deadline?.aborted) return 'timeout';
      await nextEvent(context, { changes, facts, stop });
    }
  } finally {
    changes.close();
  }
}

/** A change of the folder, the end of the monitor, or `stop`. */
async function nextEvent(
  context: ContainerContext,
  { changes, facts, stop }: { changes: FolderChanges; facts: ContainerFacts; stop: AbortSignal },
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const events: Promise<unknown>[] = [changes.next({ signal })];
  if (isActive(facts)) events.push(context.native.waitForExit(facts.state.monitor, { signal }));
  try {
    await Promise.race(events).catch(error => {
      if (!signal.aborted) throw error;
    });
  } finally {
    over.abort();
    await Promise.allSettled(events);
  }
}

/** Wait until it is not running; see {@link waitForFacts}. */
export function waitForExit(
  context: ContainerContext,
  id: string,
  options: { readonly timeout?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ContainerFacts | undefined | 'timeout'> {
  return waitForFacts(context, id, { ...options, done: facts => !isRunning(facts) });
}

/** Wait until its monitor is done with it: it does not run, and will not by itself. */
export function waitForEnd(
  context: ContainerContext,
  id: string,
  options: { readonly timeout?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ContainerFacts | undefined | 'timeout'> {
  return waitForFacts(context, id, { ...options, done: facts => !isActive(facts) });
}
