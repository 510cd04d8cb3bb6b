import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
let controllers: readonly string[] = [];
before(async () => {
  bench = await openTestEngine();
  controllers = (await bench.engine.info()).cgroup.controllers;
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const MiB = 2 ** 20;

// The host's network: user-mode-linux, which is the cgroup v2 lane, panics when a loopback of a namespace goes up.
const sh = (script: string, options: Parameters<TestEngine['runToEnd']>[0] = {}) =>
  bench.runToEnd({ network: 'host', command: ['sh', '-c', script], ...options });
/** Microseconds of CPU in a period that the groups of a process give it (v1 or v2). */
function cpuQuota(pid: number): number {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const v1 = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  if (v1 !== undefined) return Number(readFileSync(`/sys/fs/cgroup/cpu${v1}/cpu.cfs_quota_us`, 'utf8'));
  const v2 = /^0::(.*)$/m.exec(groups)?.[1];
  return Number.parseInt(readFileSync(`/sys/fs/cgroup${v2}/cpu.max`, 'utf8'), 10);
}

const without = (controller: string) =>
  controllers.includes(controller) ? false : `no ${controller} controller here`;

test('a memory hog is killed, and that is said', { skip }, async t => {
  if (without('memory')) return t.skip(String(without('memory')));
  const done = await sh('tail /dev/zero', { limits: { memory: 16 * MiB, memorySwap: 16 * MiB } });
  assert.equal(done.exitCode, 137);
  assert.equal(done.container.oomKilled, true);
});

test('a pids limit stops a fork bomb', { skip }, async t => {
  if (without('pids')) return t.skip(String(without('pids')));
  const done = await sh('for i in $(seq 20); do sleep 100 & done 2>&1; wait', { limits: { pids: 5 } });
  assert.match(done.stdout + done.stderr, /can't fork|Resource temporarily unavailable/);
});

test('a CPU limit is in the group of the container', { skip }, async t => {
  if (without('cpu')) return t.skip(String(without('cpu')));
  const container = await bench.start({ network: 'host', command: ['sleep', '1000'], limits: { cpus: 0.5 } });
  assert.equal(cpuQuota(container.pid ?? 0), 50_000);
  await bench.engine.containers.remove(container.id, { force: true });
});

test('a limit that cannot be enforced is an error, or a warning when that is accepted', { skip }, async t => {
  if (controllers.includes('memory')) return t.skip('this host enforces memory limits');
  const options = {
    image: 'busybox',
    network: 'host',
    command: ['true'],
    limits: { memory: 16 * MiB },
  } as const;
  await assert.rejects(bench.engine.containers.create(options), {
    code: 'limit-unenforceable',
    message: /--memory/,
  });
  const accepted = await bench.runToEnd({ ...options, allowUnenforced: true });
  assert.equal(accepted.exitCode, 0);
  assert.match(accepted.container.warnings.join(), /--memory.*discarded/);
});

test('no group of a container outlives it', { skip }, async () => {
  const limits = controllers.includes('memory') ? { memory: 32 * MiB } : {};
  const done = await sh('true', { limits });
  const groups = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    groups.filter(path => path.includes(done.container.id)),
    [],
  );
});
