import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { engineUnavailable, eventually, isRoot, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const inode = (name: string) => readlinkSync(`/proc/self/ns/${name}`);
const look = (namespaces: object, script: string, more = {}) =>
  bench.runToEnd({ network: 'none', namespaces, command: ['sh', '-c', script], ...more });

test('the host’s UTS, IPC and cgroup namespaces are shared when asked for, else not', { skip }, async () => {
  const script = 'for n in uts ipc cgroup; do readlink /proc/self/ns/$n; done; hostname';
  const shared = await look({ uts: 'host', ipc: 'host', cgroup: 'host' }, script);
  assert.deepEqual(shared.stdout.trim().split('\n'), [
    inode('uts'),
    inode('ipc'),
    inode('cgroup'),
    hostname(),
  ]);
  const own = await look({ uts: '', ipc: 'shareable', cgroup: 'private' }, script);
  for (const name of ['uts', 'ipc', 'cgroup']) assert.ok(!own.stdout.includes(inode(name)), name);
  for (const { container } of [shared, own]) await containers().remove(container.id);
});

test('the PID namespace of another container is joined, its processes are seen', { skip }, async () => {
  const first = await bench.start({ network: 'none', name: 'first', command: ['sleep', '1234'] });
  const seen = await look({ pid: 'container:first' }, 'cat /proc/1/cmdline');
  assert.equal(seen.stdout, 'sleep\x001234\0');
  await containers().stop(first.id, { timeoutSeconds: 0 });
  const { id } = seen.container;
  await assert.rejects(containers().start(id), {
    code: 'not-running',
    message: /non running container: first/,
  });
  for (const one of [first.id, id]) await containers().remove(one);
});

test('with the host’s PID namespace nothing that the container started stays behind', { skip }, async t => {
  const options = { network: 'none', namespaces: { pid: 'host' } };
  const container = await containers()
    .create({ image: 'busybox', ...options, command: ['sh', '-c', 'sleep 4321 & echo $! ; exec sleep 4321'] })
    .catch(error => {
      assert.equal(error.code, 'unsupported');
      return undefined;
    });
  if (!container) return t.skip('no cgroup here');
  await containers().start(container.id);
  let child = 0;
  await eventually('the child is told', async () => {
    const { stdout } = await bench.output(container.id);
    child = Number(stdout);
    return stdout.endsWith('\n');
  });
  await eventually(
    'the child sleeps',
    () => readFileSync(`/proc/${child}/cmdline`, 'utf8') === 'sleep\x004321\x00',
  );
  await containers().stop(container.id, { timeoutSeconds: 0 });
  await eventually('the child has ended', () => !isAlive(child));
  await containers().remove(container.id);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('the OOM score is set for the container and what is run in it', { skip }, async () => {
  const done = await look({}, 'cat /proc/self/oom_score_adj', { oomScoreAdj: 321 });
  assert.equal(done.stdout, '321\n');
  await containers().remove(done.container.id);
  if (isRoot) return;
  const { id } = await containers().create({
    image: 'busybox',
    network: 'none',
    command: ['true'],
    oomScoreAdj: -500,
  });
  await assert.rejects(containers().start(id), { code: 'start-failed' });
  await containers().remove(id);
});

test('modes that are none, or do not fit, are refused', { skip }, async () => {
  const create = (options: object) => containers().create({ image: 'busybox', ...options });
  await assert.rejects(create({ namespaces: { pid: 'foo' } }), {
    code: 'invalid-argument',
    message: /Invalid PID mode/,
  });
  await assert.rejects(create({ namespaces: { uts: 'foo' } }), /Invalid UTS mode/);
  await assert.rejects(create({ namespaces: { pid: 'container:nosuch' } }), { code: 'not-found' });
  await assert.rejects(create({ namespaces: { ipc: 'container:x' } }), { code: 'unsupported' });
  await assert.rejects(create({ namespaces: { uts: 'host' }, hostname: 'x' }), /hostname and the UTS mode/);
  await assert.rejects(
    create({ namespaces: { ipc: 'host' }, sysctls: { 'kernel.sem': '1' } }),
    /not allowed/,
  );
  await assert.rejects(create({ oomScoreAdj: 1001 }), /\[-1000, 1000\]/);
});
