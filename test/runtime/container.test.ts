import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attacher } from './support/attacher.ts';
import { finish, readLog, readState, run, shell, start } from './support/run.ts';
import { makeSandbox, type Sandbox, statusField } from './support/sandbox.ts';
import { monitorSpec, processSpec } from './support/spec.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

test('output, log, exit code and record of a process agree', async () => {
  const ended = await run(sandbox, ['sh', '-c', 'echo out; echo err >&2; exit 7']);
  assert.deepEqual([ended.stdout, ended.stderr, ended.exit.exitCode], ['out\n', 'err\n', 7]);
  assert.equal(ended.state.exitCode, 7);
  assert.equal(ended.state.oomKilled, false);
  const log = readLog(ended.spec).map(({ log, stream }) => [stream, log]);
  assert.deepEqual(log.sort(), [
    ['stderr', 'err\n'],
    ['stdout', 'out\n'],
  ]);
  assert.equal(existsSync(join(ended.spec.runDirectory, 'attach.sock')), false);
});

test('a running container has a record that names its processes', async () => {
  const running = await start(sandbox, ['sleep', '100']);
  const state = readState(running.spec) as unknown as { status: string; process: unknown; monitor: unknown };
  assert.equal(state.status, 'running');
  assert.deepEqual(state.process, running.started.process);
  assert.deepEqual(state.monitor, running.started.monitor);
  running.attacher.signal(9);
  await running.attacher.exit;
});

test('a missing or unfit program is told before the start answers', async () => {
  await assert.rejects(run(sandbox, ['nowhere']), { code: 'command-not-found' });
  await assert.rejects(run(sandbox, ['/etc/nowhere']), { code: 'command-not-found' });
  await assert.rejects(run(sandbox, ['/etc']), { code: 'command-not-executable' });
  const { rootfs } = (await run(sandbox, ['sh', '-c', 'echo > /bin/plain'])).spec;
  await assert.rejects(run(sandbox, ['plain'], { rootfs }), { code: 'command-not-executable' });
});

test('a script without an interpreter line is no format that the kernel knows', async () => {
  const script = 'printf "echo hi\\n" > /x && chmod 755 /x';
  const { spec } = await run(sandbox, ['sh', '-c', script]);
  const { rootfs } = spec;
  const ended = await run(sandbox, ['/x'], { rootfs });
  assert.equal(ended.exit.exitCode, 255);
  assert.equal(ended.exit.error?.errno, 'ENOEXEC');
  await assert.rejects(run(sandbox, ['/x'], { rootfs, waitForAttach: false }), {
    code: 'command-not-executable',
    message: /exec format error/,
  });
});

test('a signal ends the process with 128 and its number', async () => {
  const running = await start(sandbox, ['sleep', '100']);
  await sandbox.runtime.signal(running.started.process, 9);
  const ended = await finish(running);
  assert.equal(ended.exit.exitCode, 137);
  assert.equal(ended.state.signal, 9);
});

test('an attacher can send a signal that the process handles', async () => {
  const running = await start(sandbox, [
    'sh',
    '-c',
    'trap "exit 42" TERM; echo ready; while :; do sleep 0.01; done',
  ]);
  await running.attacher.saw('ready');
  running.attacher.signal(15);
  assert.equal((await finish(running)).exit.exitCode, 42);
});

test('nothing runs before the awaited attacher came', async () => {
  const spec = monitorSpec(sandbox, ['sh', '-c', 'echo once']);
  const started = await sandbox.runtime.startContainer(spec);
  assert.equal(statusField(started.process.pid, 'Name'), 'sampan-init');
  assert.deepEqual(readLog(spec), []);
  const attacher = new Attacher(started.attachSocket);
  await attacher.exit;
  assert.equal(attacher.stdout, 'once\n');
});

test('init is pid 1, reaps orphans, forwards signals and passes the code on', async () => {
  const script = 'sh -c "true &" ; cat /proc/1/comm; ps; exit 9';
  const ended = await run(sandbox, ['sh', '-c', script], { init: true });
  assert.equal(ended.exit.exitCode, 9);
  assert.match(ended.stdout, /^sampan-init\n/);
  assert.doesNotMatch(ended.stdout, /\[true\]/);
  const running = await start(
    sandbox,
    ['sh', '-c', 'trap "exit 5" TERM; echo up; while :; do sleep 0.01; done'],
    {
      init: true,
    },
  );
  await running.attacher.saw('up');
  await sandbox.runtime.signal(running.started.process, 15);
  assert.equal((await finish(running)).exit.exitCode, 5);
});

test('an exec joins a container with an init', async () => {
  const running = await start(sandbox, ['sleep', '100'], { init: true, waitForAttach: false });
  const exec = await sandbox.runtime.startExec({
    container: running.started.process,
    runDirectory: running.spec.runDirectory,
    name: 'x',
    process: processSpec(['cat', '/proc/1/comm']),
    openStdin: false,
    waitForAttach: true,
    cgroups: [],
    seccompFilter: undefined,
  });
  const attacher = new Attacher(exec.attachSocket);
  await attacher.exit;
  assert.equal(attacher.stdout, 'sampan-init\n');
  running.attacher.signal(9);
  await running.attacher.exit;
});

test('a process has the ids, groups and limits that were asked for', async () => {
  const process = {
    uid: 1000,
    gid: 1001,
    groups: [7],
    rlimits: [{ resource: 7, soft: '64', hard: '128' }],
    oomScoreAdj: 500,
  };
  const host = await sandbox.runtime.host();
  if (host.idCount < 1002) return;
  const out = await shell(
    sandbox,
    'id; ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; echo again > /dev/stdout',
    {
      process,
    },
  );
  assert.match(out, /uid=1000 gid=1001 groups=7\n/);
  assert.match(out, /\n64\n128\n500\nagain\n$/);
});

test('host name, shared memory and kernel parameters are its own', async () => {
  const out = await shell(
    sandbox,
    'hostname; grep " /dev/shm " /proc/self/mounts; cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
    { hostname: 'named', shmSize: 1 << 20, sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' } },
  );
  assert.match(out, /^named\n/);
  assert.match(out, /size=1024k/);
  assert.match(out, /\n0\n$/);
});

test('a container may share the namespaces of another', async () => {
  const first = await start(sandbox, ['sh', '-c', 'echo up; exec sleep 100'], { hostname: 'first' });
  await first.attacher.saw('up');
  const { process } = first.started;
  const namespaces = {
    pid: process,
    ipc: process,
    uts: 'private',
    network: process,
    cgroup: 'private',
  } as const;
  const second = await start(
    sandbox,
    ['sh', '-c', 'readlink /proc/self/ns/net; readlink /proc/1/ns/net; ps'],
    { namespaces },
  );
  const ended = await finish(second);
  assert.equal(ended.exit.exitCode, 0, ended.stderr);
  const [mine, theirs] = ended.stdout.split('\n');
  assert.equal(mine, theirs);
  assert.match(ended.stdout, /1 0 +sleep 100/);
  first.attacher.signal(9);
  await first.attacher.exit;
});

test('a container may use the network and processes of the host', async () => {
  const namespaces = { pid: 'host', ipc: 'host', uts: 'host', network: 'host', cgroup: 'host' } as const;
  const ended = await run(sandbox, ['sh', '-c', 'echo $$; ls /sys >/dev/null && ls /dev/shm >/dev/null'], {
    namespaces,
  });
  assert.equal(ended.exit.exitCode, 0, ended.stderr);
  assert.ok(Number(ended.stdout) > 1);
});
