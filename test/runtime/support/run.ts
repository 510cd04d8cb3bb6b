import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitorSpec, MonitorState, StartedContainer } from '../../../server/engine/runtime/types.ts';
import type { ExitFrame } from '../../../server/protocol/attach.ts';
import { Attacher } from './attacher.ts';
import type { Sandbox } from './sandbox.ts';
import { monitorSpec, type SpecChange } from './spec.ts';

export interface Running {
  readonly spec: MonitorSpec;
  readonly started: StartedContainer;
  readonly attacher: Attacher;
}

export interface Ended extends Running {
  readonly exit: ExitFrame;
  readonly state: MonitorState & { readonly status: 'exited' };
  readonly stdout: string;
  readonly stderr: string;
}

/** Start and attach, which lets it exec. */
export async function start(
  sandbox: Sandbox,
  args: readonly string[],
  change: SpecChange = {},
): Promise<Running> {
  const spec = monitorSpec(sandbox, args, change);
  const started = await sandbox.runtime.startContainer(spec);
  sandbox.started.push(started);
  return { spec, started, attacher: new Attacher(started.attachSocket) };
}

/** Wait for the end: what it wrote, its exit frame, its record. */
export async function finish(running: Running): Promise<Ended> {
  const exit = await running.attacher.exit;
  const { stdout, stderr } = running.attacher;
  return { ...running, exit, state: readState(running.spec), stdout, stderr };
}

export async function run(
  sandbox: Sandbox,
  args: readonly string[],
  change: SpecChange = {},
): Promise<Ended> {
  return finish(await start(sandbox, args, change));
}

/** A script by busybox's shell; returns its output, and fails when the script does. */
export async function shell(sandbox: Sandbox, script: string, change: SpecChange = {}): Promise<string> {
  const ended = await run(sandbox, ['sh', '-ec', script], change);
  if (ended.exit.exitCode !== 0)
    throw new Error(`${script}: ${ended.exit.exitCode}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

export function readState(spec: MonitorSpec): Ended['state'] {
  return JSON.parse(readFileSync(join(spec.directory, 'state.json'), 'utf8'));
}

export interface LogLine {
  readonly log: string;
  readonly stream: 'stdout' | 'stderr';
  readonly time: string;
}

export function readLog(spec: MonitorSpec, name = 'log'): LogLine[] {
  const text = readFileSync(join(spec.directory, name), 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map(line => JSON.parse(line));
}
