import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attacher } from '../runtime/support/attacher.ts';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const containers = () => bench.engine.containers;
const forever = { network: 'none', command: ['sleep', '1000'] } as const;
/** Says `ready` once its trap is set. */
const deaf = {
  network: 'none',
  command: ['sh', '-c', "trap '' TERM; echo ready; while :; do sleep 1000; done"],
} as const;

async function logged(id: string, text: string): Promise<void> {
  let cursor: string | undefined;
  let seen = '';
  while (!seen.includes(text)) {
    const page = await containers().readLog(id, {
      follow: true,
      maxBytes: 1e6,
      ...(cursor === undefined ? {} : { cursor }),
    });
    cursor = page.cursor;
    seen += page.records.map(record => record.text).join('');
    assert.ok(!page.end || seen.includes(text), `the log ended without ${text}: ${seen}`);
  }
}

test('a running container has a pid, and starting it again changes nothing', { skip }, async () => {
  const container = await bench.start(forever);
  assert.equal(container.status, 'running');
  assert.ok((container.pid ?? 0) > 0);
  const again = await containers().start(container.id);
  assert.equal(again.container.pid, container.pid);
  const listed = await containers().list();
  assert.ok(listed.some(one => one.id === container.id));
  await containers().remove(container.id, { force: true });
});

test('stop sends the stop signal and waits', { skip }, async () => {
  const script = "trap 'echo bye; exit 3' USR1; echo ready; while :; do sleep 0.01; done";
  const { id } = await bench.start({ network: 'none', command: ['sh', '-c', script], stopSignal: 'SIGUSR1' });
  await logged(id, 'ready');
  await containers().stop(id);
  const container = await containers().get(id);
  assert.equal(container.status, 'exited');
  assert.equal(container.exitCode, 3);
  assert.equal((await bench.output(id)).stdout, 'ready\nbye\n');
  await containers().stop(id);
});

test('stop kills what ignores the stop signal', { skip }, async () => {
  const { id } = await bench.start(deaf);
  await logged(id, 'ready');
  await containers().stop(id, { timeoutSeconds: 0 });
  assert.equal((await containers().get(id)).exitCode, 137);
});

test('kill sends any signal, and only to a running container', { skip }, async () => {
  const { id, name } = await bench.start(deaf);
  await logged(id, 'ready');
  await assert.rejects(containers().kill(id, 'NOSUCH'), { code: 'invalid-argument' });
  await containers().kill(id, 'KILL');
  assert.equal(await containers().wait(id), 137);
  await assert.rejects(containers().kill(name, 'KILL'), { code: 'not-running', message: /is not running/ });
});

test('restart gives a new process and keeps the files', { skip }, async () => {
  const { id, pid } = await bench.start({
    network: 'none',
    command: ['sh', '-c', 'echo x >> /data; wc -l < /data; sleep 1000'],
  });
  await logged(id, '1\n');
  await containers().restart(id, { timeoutSeconds: 0 });
  await logged(id, '2\n');
  assert.notEqual((await containers().get(id)).pid, pid);
  await containers().remove(id, { force: true });
});

test('wait gives the exit code to everybody, and can be cancelled', { skip }, async () => {
  const { id } = await bench.start({
    network: 'none',
    command: ['sh', '-c', 'read x; exit 5'],
    openStdin: true,
  });
  const abort = new AbortController();
  const cancelled = containers().wait(id, { signal: abort.signal });
  abort.abort();
  await assert.rejects(cancelled, { code: 'cancelled' });
  const waits = [containers().wait(id), containers().wait(id.slice(0, 12))];
  const attacher = new Attacher(await containers().attachSocket(id));
  attacher.write('go\n');
  assert.deepEqual(await Promise.all(waits), [5, 5]);
  assert.equal(await containers().wait(id), 5);
  attacher.close();
});

test('a container that waits for its attacher loses no output', { skip }, async () => {
  const { id } = await containers().create({ image: 'busybox', network: 'none', command: ['echo', 'first'] });
  const { attachSocket } = await containers().start(id, { waitForAttach: true });
  const attacher = new Attacher(attachSocket);
  assert.equal((await attacher.exit).exitCode, 0);
  assert.equal(attacher.stdout, 'first\n');
  attacher.close();
});

test('following a log gives every line once and then the end', { skip }, async () => {
  const { id } = await bench.start({
    network: 'none',
    command: ['sh', '-c', 'for i in $(seq 500); do echo $i; done'],
  });
  let cursor: string | undefined;
  const lines: string[] = [];
  for (let end = false; !end; ) {
    const page = await containers().readLog(id, {
      follow: true,
      maxBytes: 1000,
      ...(cursor ? { cursor } : {}),
    });
    lines.push(...page.records.map(record => record.text.trim()));
    ({ cursor, end } = page);
  }
  assert.deepEqual(
    lines,
    Array.from({ length: 500 }, (_, i) => String(i + 1)),
  );
});

test('--rm removes the container, its volume and its name once it is over', { skip }, async () => {
  const volume = {
    type: 'volume',
    target: '/data',
    readOnly: false,
    options: [],
    createSource: false,
  } as const;
  const { id } = await containers().create({
    image: 'busybox',
    network: 'none',
    command: ['sh', '-c', 'exit 4'],
    autoRemove: true,
    name: 'brief',
    mounts: [volume],
  });
  const [mount] = (await containers().get(id)).mounts;
  await containers().start(id);
  assert.equal(await containers().wait(id, { condition: 'removed' }), 4);
  await assert.rejects(containers().get(id), { code: 'not-found' });
  await assert.rejects(bench.engine.volumes.get(mount?.volume ?? ''), { code: 'not-found' });
  assert.deepEqual(
    await readdir(join(bench.root, 'active')).then(names => names.filter(name => name.includes(id))),
    [],
  );
  await containers().remove((await containers().create({ image: 'busybox', name: 'brief' })).id);
});

test('--rm removes also a container that could not start', { skip }, async () => {
  const { id } = await containers().create({
    image: 'busybox',
    network: 'none',
    command: ['/nosuch'],
    autoRemove: true,
  });
  await assert.rejects(containers().start(id), { code: 'command-not-found' });
  await assert.rejects(containers().get(id), { code: 'not-found' });
});

test('stopping a --rm container leaves nothing of it', { skip }, async () => {
  const { id } = await bench.start({ ...forever, autoRemove: true });
  await containers().stop(id, { timeoutSeconds: 0 });
  await assert.rejects(containers().get(id), { code: 'not-found' });
});

test('exec runs in the container with its environment, as another user, with its own exit code', {
  skip,
}, async () => {
  const { id } = await bench.start({ ...forever, env: ['A=1'] });
  const exec = async (args: string[], options: { user?: string; env?: string[] } = {}) => {
    const { attachSocket } = await containers().exec(id, {
      args,
      tty: false,
      openStdin: false,
      waitForAttach: true,
      ...options,
    });
    const attacher = new Attacher(attachSocket);
    const { exitCode } = await attacher.exit;
    attacher.close();
    return { exitCode, stdout: attacher.stdout };
  };
  assert.deepEqual(await exec(['sh', '-c', 'echo $A $B $HOME; hostname; exit 6'], { env: ['B=2'] }), {
    exitCode: 6,
    stdout: `1 2 /root\n${id.slice(0, 12)}\n`,
  });
  assert.deepEqual(await exec(['sh', '-c', 'id -un; echo $HOME'], { user: 'app' }), {
    exitCode: 0,
    stdout: 'app\n/home/app\n',
  });
  await containers().kill(id, 'KILL');
  await containers().wait(id);
  await assert.rejects(exec(['true']), { code: 'not-running' });
});

test('a second server sees, stops and removes what the first one started', { skip }, async () => {
  const { id } = await bench.start(forever);
  const other = await bench.reopen();
  assert.equal((await other.containers.get(id)).status, 'running');
  const seen = containers().wait(id);
  await other.containers.stop(id, { timeoutSeconds: 0 });
  assert.equal(await seen, 137);
  await other.containers.remove(id);
  await assert.rejects(containers().get(id), { code: 'not-found' });
});

test('a container whose monitor is killed ends with it, and is removed whole', { skip }, async () => {
  const { id, directory, pid = 0 } = await bench.start(forever);
  const state = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8'));
  process.kill(state.monitor.pid, 'SIGKILL');
  assert.equal(await containers().wait(id), 137);
  const container = await containers().get(id);
  assert.equal(container.status, 'exited');
  assert.match(container.error ?? '', /monitor/);
  await eventually('the process ends', () => !existsSync(`/proc/${pid}`));
  await containers().remove(id);
  const groups = await readdir('/sys/fs/cgroup', { recursive: true });
  assert.ok(!groups.some(path => path.includes(id)));
});

test('changes are told to every server', { skip }, async () => {
  const other = await bench.reopen();
  const kinds = new Set<string>();
  const stop = other.onDidChange(told => {
    for (const kind of told) kinds.add(kind);
  });
  await bench.runToEnd({ network: 'none', command: ['true'] });
  await eventually('the other server hears of containers', () => kinds.has('container'));
  stop();
});

test('nothing was complained about', { skip }, () => assert.deepEqual(bench.complaints, []));
