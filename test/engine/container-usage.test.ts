import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  descendants,
  groupUsage,
  mergeUsage,
  networkUsage,
  processUsage,
} from '../../server/engine/container/usage.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const MiB = 2 ** 20;

test('a v2 group tells all that its controllers count', () => {
  const told = groupUsage({
    'cpu.stat': 'usage_usec 1500\nuser_usec 1000\n',
    'memory.current': '1000\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 100\ninactive_file 300\n',
    'io.stat': '254:0 rbytes=10 wbytes=20 rios=1\n8:0 rbytes=1 wbytes=2\n',
    'pids.current': '3\n',
  });
  assert.deepEqual(told, {
    cpuNanoseconds: 1_500_000,
    memoryBytes: 700,
    memoryLimit: undefined,
    readBytes: 11,
    writtenBytes: 22,
    tasks: 3,
  });
});

test('v1 groups each tell what they count, the memory with the groups below', () => {
  const memory = groupUsage({
    'memory.usage_in_bytes': '5000\n',
    'memory.limit_in_bytes': '9000\n',
    'memory.stat': 'inactive_file 1\ntotal_inactive_file 1000\n',
  });
  const cpu = groupUsage({ 'cpuacct.usage': '77\n', 'cpu.stat': 'nr_periods 0\n' });
  const block = groupUsage({
    'blkio.throttle.io_service_bytes_recursive': '8:0 Read 5\n8:0 Write 6\n8:0 Total 11\nTotal 11\n',
  });
  const told = mergeUsage([memory, cpu, block]);
  assert.deepEqual(told, {
    cpuNanoseconds: 77,
    memoryBytes: 4000,
    memoryLimit: 9000,
    readBytes: 5,
    writtenBytes: 6,
    tasks: undefined,
  });
});

test('processes are read whatever their names hold, and found by descent', () => {
  const stat = (pid: number, parent: number) =>
    `${pid} (a) b) S ${parent} 1 1 0 -1 0 0 0 0 0 10 5 2 1 20 0 4 0 100 1000 25 0`;
  assert.deepEqual(processUsage(stat(7, 3)), {
    pid: 7,
    parent: 3,
    cpuNanoseconds: 180_000_000,
    memoryBytes: 25 * 4096,
    threads: 4,
  });
  assert.equal(processUsage(undefined), undefined);
  const all = [stat(1, 0), stat(5, 1), stat(6, 5), stat(9, 1), stat(7, 6)].map(processUsage);
  const found = descendants(
    all.filter(one => one !== undefined),
    5,
  );
  assert.deepEqual(
    found.map(({ pid }) => pid),
    [5, 6, 7],
  );
});

test('network counters leave the loopback out', () => {
  const text = 'Inter-|\n face |\n    lo: 9 1 0 0 0 0 0 0 9 1\n  eth0: 100 1 0 0 0 0 0 0 200 1\n';
  assert.deepEqual(networkUsage(text), { receivedBytes: 100, sentBytes: 200 });
});

test('a busy container takes CPU, memory and processes; one that ended takes nothing', { skip }, async () => {
  const script = 'sleep 1000 & sleep 1000 & while :; do :; done';
  const busy = await bench.start({ network: 'none', command: ['sh', '-c', script] });
  const created = await containers().create({ image: 'busybox', command: ['true'], network: 'none' });
  const [first] = await containers().usage({ containers: [busy.id], all: false });
  assert.ok(first);
  let last = first;
  while (last.cpuNanoseconds === first.cpuNanoseconds || last.tasks < 3)
    last = (await containers().usage({ containers: [busy.name], all: false }))[0] ?? last;
  assert.ok(last.at > first.at && last.memoryBytes > 0 && last.memoryBytes < 100 * MiB);
  assert.equal(last.tasks, 3);
  const all = await containers().usage({ all: true });
  assert.equal(all.find(({ id }) => id === created.id)?.tasks, 0);
  assert.deepEqual(
    (await containers().usage({ all: false })).map(({ id }) => id),
    [busy.id],
  );
  await assert.rejects(containers().usage({ containers: ['nosuch'], all: false }), { code: 'not-found' });
  for (const { id } of [busy, created]) await containers().remove(id, { force: true });
});

test('a memory limit and what went over the network are told', { skip }, async t => {
  const { cgroup } = await bench.engine.info();
  if (!cgroup.controllers.includes('memory')) return t.skip('no memory controller here');
  const { id } = await bench.start({
    command: [
      'sh',
      '-c',
      'ping -c 1 -W 1 $(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p"); sleep 1000',
    ],
    limits: { memory: 64 * MiB },
  });
  let usage = (await containers().usage({ containers: [id], all: false }))[0];
  assert.equal(usage?.memoryLimit, 64 * MiB);
  while ((usage?.sentBytes ?? 0) === 0)
    usage = (await containers().usage({ containers: [id], all: false }))[0];
  await containers().remove(id, { force: true });
});
