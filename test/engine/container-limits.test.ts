import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCgroupHost } from '../../server/engine/container/cgroupHost.ts';
import { ancestors, type CgroupAccess, planCgroups } from '../../server/engine/container/cgroups.ts';
import { checkLimits, cpuWeight } from '../../server/engine/container/limits.ts';

const MiB = 2 ** 20;

const hybrid = [
  '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
  '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
].join('\n');
const unified = '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate';

test('the cgroup layout is read from mountinfo and membership', () => {
  const host = parseCgroupHost(hybrid, '4:memory:/a/b\n1:cpu,cpuacct:/\n0::/user');
  assert.equal(host.version, 'hybrid');
  assert.deepEqual(host.v1[1], {
    controllers: ['memory'],
    mountPoint: '/sys/fs/cgroup/memory',
    own: '/sys/fs/cgroup/memory/a/b',
  });
  assert.deepEqual(host.v1[0]?.controllers, ['cpu', 'cpuacct']);
  assert.equal(host.v1.length, 2);
  assert.equal(host.v2?.own, '/sys/fs/cgroup/unified/user');
  assert.equal(parseCgroupHost(unified, '0::/').version, 'v2');
  assert.equal(parseCgroupHost('', '').version, 'none');
});

test('a mount that shows a part of the hierarchy is entered from its own root', () => {
  const inside = '30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
  assert.equal(parseCgroupHost(inside, '0::/docker/abc').v2?.own, '/sys/fs/cgroup');
  assert.equal(parseCgroupHost(inside, '0::/docker/abc/x').v2?.own, '/sys/fs/cgroup/x');
});

test('the ancestors of a group end at the mount point', () => {
  const own = { controllers: [], mountPoint: '/sys/fs/cgroup', own: '/sys/fs/cgroup/a/b' };
  assert.deepEqual(ancestors(own), ['/sys/fs/cgroup/a/b', '/sys/fs/cgroup/a', '/sys/fs/cgroup']);
});

const access = (over: Partial<CgroupAccess>): CgroupAccess => ({
  host: parseCgroupHost(unified, '0::/'),
  v1Parents: {},
  v2Parent: undefined,
  v2Controllers: [],
  swapAccounting: true,
  v1Cpuset: { cpus: '0-3', mems: '0' },
  ...over,
});

const v1 = access({
  host: parseCgroupHost(hybrid, '0::/'),
  v1Parents: { memory: '/m', cpu: '/c', cpuset: '/s', pids: '/p' },
  v2Parent: '/u',
});
const v2 = access({ v2Parent: '/u', v2Controllers: ['memory', 'cpu', 'pids', 'cpuset'] });
const plan = (limits: Parameters<typeof checkLimits>[0], on: CgroupAccess, allowUnenforced = false) =>
  planCgroups(checkLimits(limits, 4), { name: 'x', access: on, allowUnenforced });

test('on v1 only hierarchies that carry a limit are touched, on hybrid the v2 group too', () => {
  assert.deepEqual(plan({ memory: 64 * MiB }, v1).groups, [
    {
      path: '/m/x',
      writes: [
        { file: 'memory.limit_in_bytes', value: String(64 * MiB) },
        { file: 'memory.memsw.limit_in_bytes', value: String(128 * MiB) },
      ],
      enter: true,
    },
    { path: '/u/x', writes: [], enter: true },
  ]);
  assert.deepEqual(plan({}, access({ v1Parents: { memory: '/m' } })).groups, []);
});

test('on v2 one group carries every limit', () => {
  const { groups } = plan(
    { memory: 64 * MiB, memorySwap: 96 * MiB, cpus: 1.5, cpuShares: 1024, pids: 20 },
    v2,
  );
  assert.equal(groups.length, 1);
  assert.deepEqual(
    groups[0]?.writes.map(write => `${write.file} ${write.value}`),
    [
      'memory.max 67108864',
      'memory.swap.max 33554432',
      'cpu.max 150000 100000',
      'cpu.weight 100',
      'pids.max 20',
    ],
  );
});

test('a v1 cpuset gets both files, because an empty one admits no process', () => {
  const group = plan({ cpusetCpus: '1' }, v1).groups.find(one => one.path === '/s/x');
  assert.deepEqual(group?.writes, [
    { file: 'cpuset.cpus', value: '1' },
    { file: 'cpuset.mems', value: '0' },
  ]);
});

test('a limit that cannot be enforced is an error, or a warning when that was accepted', () => {
  assert.throws(() => plan({ memory: 64 * MiB, pids: 5 }, access({})), {
    code: 'limit-unenforceable',
    message: /--memory.*--pids-limit/,
  });
  const accepted = plan({ pids: 5 }, access({}), true);
  assert.deepEqual(accepted.groups, []);
  assert.match(accepted.warnings[0] ?? '', /--pids-limit.*discarded/);
});

test('swap that was asked for needs swap accounting, the implied limit does not', () => {
  const without = access({ ...v1, swapAccounting: false });
  assert.doesNotThrow(() => plan({ memory: 64 * MiB }, without));
  assert.throws(() => plan({ memory: 64 * MiB, memorySwap: 64 * MiB }, without), { message: /swap/ });
});

test('limits are checked as docker checks them', () => {
  const refused: Parameters<typeof checkLimits>[0][] = [
    { memory: 5 * MiB },
    { memorySwap: 64 * MiB },
    { memory: 64 * MiB, memorySwap: 32 * MiB },
    { memory: 64 * MiB, memoryReservation: 65 * MiB },
    { cpus: 5 },
    { cpus: 0.001 },
    { cpuShares: 1 },
    { cpusetCpus: '0,4' },
    { cpusetCpus: 'a' },
  ];
  for (const limits of refused)
    assert.throws(() => checkLimits(limits, 4), { code: 'invalid-argument' }, JSON.stringify(limits));
  assert.deepEqual(checkLimits({ pids: -1, memory: 0, cpus: 0 }, 4), { memorySwapImplied: true });
  assert.equal(checkLimits({ memory: 64 * MiB, memorySwap: -1 }, 4).memorySwap, 'max');
});

test('cpu shares become weights by the formula that runc and crun share', () => {
  const cases: [number, number][] = [
    [2, 1],
    [1024, 100],
    [262144, 10000],
  ];
  for (const [shares, weight] of cases) assert.equal(cpuWeight(shares), weight);
});
