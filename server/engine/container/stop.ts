import { isSampanError, SampanError } from '../../common/errors.ts';
import { parseSignal, SIGKILL, SIGTERM } from '../../common/signals.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { defaultStopTimeout } from './defaults.ts';
import { tell } from './events.ts';
import { isActive, isRunning, type Running, waitForEnd } from './exit.ts';
import { letGoOn } from './pause.ts';
import { restarts } from './restartPolicy.ts';
import type { ContainerFacts } from './state.ts';

/** Milliseconds that a killed container gets to be gone. */
const killTimeout = 10_000;

/**
 * Docker's stop: the stop signal, the time to obey it (negative: for ever), SIGKILL. Fine on a stopped one.
 *
 * @throws SampanError `invalid-argument` for a bad signal, `internal` when even SIGKILL does not end it
 */
export async function stopContainer(
  context: ContainerContext,
  id: string,
  options: { readonly timeoutSeconds?: number; readonly signal?: string } = {},
): Promise<void> {
  const facts = await requireFacts(context, id);
  const { record } = facts;
  const signal = options.signal ? requireSignal(options.signal) : parseSignal(record.config.StopSignal ?? '');
  if (!isActive(facts)) return;
  // Before the signal: the monitor looks when the process ends.
  if (restarts(record.options.restart)) await context.registry.setStopped(id, true);
  const seconds = options.timeoutSeconds ?? record.options.stopTimeout ?? defaultStopTimeout;
  if (isRunning(facts)) {
    await signalIfThere(context, facts, signal ?? SIGTERM);
    await letGoOn(context, facts);
  }
  const timeout = seconds < 0 ? undefined : seconds * 1000;
  if ((await waitForEnd(context, id, { timeout })) === 'timeout')
    await killAndWait(context, await requireFacts(context, id));
  tell(context, record, { action: 'stop' });
}

/** SIGKILL, and wait until it is gone. */
export async function killAndWait(context: ContainerContext, facts: ContainerFacts): Promise<void> {
  if (!isActive(facts)) return;
  const { id, name, options } = facts.record;
  if (restarts(options.restart)) await context.registry.setStopped(id, true);
  if (isRunning(facts)) {
    await signalIfThere(context, facts, SIGKILL);
    await letGoOn(context, facts);
  }
  if ((await waitForEnd(context, id, { timeout: killTimeout })) !== 'timeout') return;
  throw new SampanError('internal', `The container ${name} does not end, even after SIGKILL.`, {
    hint: `A process that waits for a device or a network file system cannot be killed: see the state of the processes below pid ${facts.state.monitor.pid}.`,
    detail: { pid: facts.state.monitor.pid },
  });
}

/** A process that ended meanwhile needs no signal. */
async function signalIfThere(context: ContainerContext, facts: Running, signal: number): Promise<void> {
  await sendSignal(context, facts, signal).catch(error => {
    if (!isSampanError(error, 'not-running')) throw error;
  });
}

async function sendSignal(context: ContainerContext, facts: Running, signal: number): Promise<void> {
  tell(context, facts.record, { action: 'kill', signal: String(signal) });
  await context.journal.settled(); // the end is told by another process, and must come later
  await context.runtime.signal(facts.state.process, signal);
}

/** @throws SampanError `not-running`, `invalid-argument` */
export async function killContainer(context: ContainerContext, id: string, signal: string): Promise<void> {
  const number = requireSignal(signal);
  const facts = await requireFacts(context, id);
  if (!isActive(facts)) throw notRunning(facts.record.name);
  // What is meant to end is not run again, and goes on when it is paused (moby: daemon/kill.go).
  const { StopSignal: stopSignal } = facts.record.config;
  const isEnd = !stopSignal || number === SIGKILL || number === parseSignal(stopSignal);
  if (isEnd && restarts(facts.record.options.restart)) await context.registry.setStopped(id, true);
  if (!isRunning(facts)) return;
  await sendSignal(context, facts, number);
  if (isEnd) await letGoOn(context, facts);
}

export function notRunning(name: string): SampanError {
  return new SampanError('not-running', `Container ${name} is not running.`, {
    hint: `Start it with: sampan start ${name}`,
  });
}

function requireSignal(text: string): number {
  const signal = parseSignal(text);
  if (signal !== undefined) return signal;
  throw new SampanError('invalid-argument', `Invalid signal: ${text}`, {
    hint: 'Use a name like SIGTERM, or a number from 1 to 64.',
  });
}
