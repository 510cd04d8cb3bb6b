import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
let controllers: readonly string[] = [];
before(async () => {
  bench = await openTestEngine();
  controllers = (await bench.engine.info()).cgroup.controllers;
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const MiB = 2 ** 20;
const sleeping = { network: 'host', command: ['sleep', '1000'] } as const;
const missing = () =>
  ['memory', 'pids', 'cpu'].every(name => controllers.includes(name)) ? false : 'no controllers here';

const limitOf = async (id: string) =>
  (await containers().usage({ containers: [id], all: false }))[0]?.memoryLimit;
const groupsOf = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8');

test('limits of a running container are raised, lowered and added, and count for what is run in it', {
  skip,
}, async t => {
  const reason = missing();
  if (reason) return t.skip(reason);
  const { id, pid = 0 } = await bench.start({ ...sleeping, limits: { memory: 32 * MiB } });
  await containers().update(id, { limits: { memory: 64 * MiB } });
  assert.equal(await limitOf(id), 64 * MiB);
  await containers().update(id, { limits: { memory: 16 * MiB, memorySwap: 16 * MiB } });
  assert.equal(await limitOf(id), 16 * MiB);
  await containers().update(id, { limits: { pids: 7 } });
  assert.deepEqual(await containers().update(id, { limits: { cpus: 0.5 } }), []);
  const updated = await containers().get(id);
  assert.deepEqual(updated.options.limits, { memory: 16 * MiB, memorySwap: 16 * MiB, pids: 7, cpus: 0.5 });
  assert.match(groupsOf(pid), new RegExp(`pids[^:]*:/.*sampan-${id}|0::/.*sampan-${id}`));
  const exec = await containers().exec(id, {
    args: ['sleep', '1000'],
    tty: false,
    openStdin: false,
    waitForAttach: false,
  });
  assert.equal(groupsOf(exec.process.pid), groupsOf(pid));
  await containers().stop(id, { timeoutSeconds: 0 });
  await eventually('the groups are gone', async () => leftGroups(id).length === 0);
  await containers().start(id);
  assert.equal(await limitOf(id), 16 * MiB);
  await containers().remove(id, { force: true });
});

function leftGroups(id: string): string[] {
  const roots = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => / - cgroup2? /.test(line))
    .map(line => line.split(' ')[4] ?? '');
  return roots.map(root => `${root}/sampan-${id}`).filter(existsSync);
}

test('a limit is lifted again', { skip }, async t => {
  const reason = missing();
  if (reason) return t.skip(reason);
  const { id, pid = 0 } = await bench.start({ ...sleeping, limits: { pids: 5 } });
  await containers().update(id, { limits: { pids: -1 } });
  const path = /^\d+:(?:pids|):(.*sampan-.*)$/m.exec(groupsOf(pid))?.[1];
  const file = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup']
    .map(root => `${root}${path}/pids.max`)
    .find(existsSync);
  assert.equal(readFileSync(file ?? '', 'utf8').trim(), 'max');
  await containers().remove(id, { force: true });
});

test('what docker refuses is refused, and nothing changes then', { skip }, async () => {
  const { id } = await containers().create({ image: 'busybox', ...sleeping });
  await assert.rejects(containers().update(id, { limits: { memory: 1000 } }), { code: 'invalid-argument' });
  await assert.rejects(containers().update(id, { limits: { memorySwap: 64 * MiB } }), {
    code: 'invalid-argument',
  });
  assert.deepEqual((await containers().get(id)).options.limits ?? {}, {});
  if (missing())
    await assert.rejects(containers().update(id, { limits: { memory: 64 * MiB } }), {
      code: 'limit-unenforceable',
    });
  const removed = await containers().create({ image: 'busybox', ...sleeping, autoRemove: true });
  const restart = { name: 'always', maximumRetries: 0 } as const;
  await assert.rejects(containers().update(removed.id, { restart }), /--restart and --rm/);
  for (const one of [id, removed.id]) await containers().remove(one);
});

test('a restart policy that is changed counts at the next end', { skip }, async () => {
  const always = { name: 'always', maximumRetries: 0 } as const;
  const { id } = await bench.start({ network: 'none', restart: always, command: ['sh', '-c', 'exit 4'] });
  await containers().update(id, { restart: { name: 'no', maximumRetries: 0 } });
  await eventually('it has ended', async () => (await containers().get(id)).status === 'exited');
  assert.equal((await containers().get(id)).options.restart?.name, 'no');
  await containers().start(id);
  assert.equal(await containers().wait(id), 4);
  assert.equal((await containers().get(id)).restartCount, 0);
  await containers().remove(id);
});

test('a container that was started without a policy says when a new one counts', { skip }, async () => {
  const { id } = await bench.start(sleeping);
  const restart = { name: 'unless-stopped', maximumRetries: 0 } as const;
  assert.match((await containers().update(id, { restart })).join(), /counts from its next start/);
  await containers().restart(id, { timeoutSeconds: 0 });
  assert.deepEqual(await containers().update(id, { restart: { ...restart, name: 'always' } }), []);
  await containers().remove(id, { force: true });
});
