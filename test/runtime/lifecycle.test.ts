import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { MonitorSpec, StartedContainer } from '../../server/engine/runtime/types.ts';
import { Attacher } from './support/attacher.ts';
import { finish, readLog, readState, run, start } from './support/run.ts';
import {
  eventually,
  holderPids,
  isRoot,
  killHolder,
  makeSandbox,
  type Sandbox,
  statusField,
} from './support/sandbox.ts';
import { monitorSpec, processSpec } from './support/spec.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

test('a container outlives its holder, and a new holder reaches it', async () => {
  const script = 'echo up; i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done';
  const running = await start(sandbox, ['sh', '-c', script]);
  await running.attacher.saw('up');
  killHolder(sandbox.run);
  await eventually('no holder', () => holderPids(sandbox.run).length === 0);
  const before = readLog(running.spec).length;
  await eventually('the log grows', () => readLog(running.spec).length > before);
  const exec = await sandbox.runtime.startExec({
    container: running.started.process,
    runDirectory: running.spec.runDirectory,
    name: 'late',
    process: processSpec(['hostname']),
    openStdin: false,
    waitForAttach: true,
    cgroups: [],
    seccompFilter: undefined,
  });
  const attacher = new Attacher(exec.attachSocket);
  await attacher.exit;
  assert.equal(attacher.stdout, 'testhost\n');
  await sandbox.runtime.signal(running.started.process, 9);
  assert.equal((await finish(running)).exit.exitCode, 137);
});

test('a container outlives the server that started it', async () => {
  const spec = monitorSpec(sandbox, ['sh', '-c', 'read line; echo got $line'], {
    openStdin: true,
    waitForAttach: false,
  });
  const { server, started } = await startElsewhere(spec);
  server.kill('SIGKILL');
  await once(server, 'exit');
  const attacher = new Attacher(started.attachSocket);
  await attacher.connected;
  attacher.write('through\n');
  assert.equal((await attacher.exit).exitCode, 0);
  assert.equal(readState(spec).exitCode, 0);
  assert.match(
    readLog(spec)
      .map(({ log }) => log)
      .join(''),
    /got through/,
  );
});

/** Another process as the server. */
async function startElsewhere(
  spec: MonitorSpec,
): Promise<{ server: ChildProcess; started: StartedContainer }> {
  const server = fork(new URL('support/server.ts', import.meta.url), [sandbox.root, sandbox.run]);
  server.send(spec);
  const [started] = await once(server, 'message');
  return { server, started: started as StartedContainer };
}

test('a container ends with its monitor', async () => {
  const running = await start(sandbox, ['sh', '-c', 'echo up; exec sleep 100']);
  await running.attacher.saw('up');
  process.kill(running.started.monitor.pid, 'SIGKILL');
  await eventually('no process', () => isGone(running.started.process.pid));
});

function isGone(pid: number): boolean {
  const state = statusField(pid, 'State');
  return state === undefined || state.startsWith('Z');
}

test('a failed start leaves no process, socket or record', async () => {
  const spec = monitorSpec(sandbox, ['nowhere'], {});
  await assert.rejects(sandbox.runtime.startContainer(spec), { code: 'command-not-found' });
  assert.deepEqual(
    readdirSync(spec.directory).filter(name => name.startsWith('state.json')),
    [],
  );
  assert.equal(existsSync(join(spec.runDirectory, 'attach.sock')), false);
  await eventually('only the holder', () => holderPids(sandbox.run).length === (isRoot ? 1 : 2));
});

test('children of the main process end with it', async () => {
  const running = await start(sandbox, ['sh', '-c', 'sleep 1000 & echo up; wait']);
  await running.attacher.saw('up');
  await sandbox.runtime.signal(running.started.process, 9);
  await finish(running);
  const { pid } = running.started.process;
  const left = readdirSync('/proc').filter(
    entry => Number(entry) && statusField(Number(entry), 'PPid') === String(pid),
  );
  assert.deepEqual(left, []);
});

test('many containers at once all end well', async () => {
  const ended = await Promise.all(
    Array.from({ length: 20 }, (_, i) => run(sandbox, ['sh', '-c', `exit ${i}`])),
  );
  assert.deepEqual(
    ended.map(({ exit }) => exit.exitCode),
    ended.map((_, i) => i),
  );
  if (!isRoot) await eventually('no monitor', () => readdirSync(join(sandbox.run, 'monitors')).length === 0);
});

test('an idle monitor costs less than 2 MB', async () => {
  const running = await start(sandbox, ['sh', '-c', 'echo up; exec sleep 100']);
  await running.attacher.saw('up');
  const resident = Number(statusField(running.started.monitor.pid, 'VmRSS')?.split(' ')[0]);
  assert.ok(resident > 0 && resident < 2048, `${resident} KiB`);
  assert.match(readFileSync(`/proc/${running.started.monitor.pid}/cmdline`, 'utf8'), /^sampan-monitor /);
  running.attacher.signal(9);
  await running.attacher.exit;
});
