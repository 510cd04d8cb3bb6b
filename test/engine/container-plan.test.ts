import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampanError } from '../../server/common/errors.ts';
import { parseExtraHost } from '../../server/engine/container/create.ts';
import { mountSpecs, planMounts } from '../../server/engine/container/mounts.ts';
import type { ContainerRecord, RecordedMount } from '../../server/engine/container/record.ts';
import { resolveSecurity } from '../../server/engine/container/security.ts';
import {
  containerContent,
  containerPlace,
  etcFilesOf,
  startExitCode,
} from '../../server/engine/container/spec.ts';
import { type ContainerFacts, describeContainer } from '../../server/engine/container/state.ts';
import { resolveSysctls } from '../../server/engine/container/sysctls.ts';
import type { MountOption } from '../../server/engine/container/types.ts';
import { resolveUlimits } from '../../server/engine/container/ulimits.ts';

const option = (over: Partial<MountOption>): MountOption => ({
  type: 'volume',
  target: '/data',
  readOnly: false,
  options: [],
  createSource: false,
  ...over,
});
const plan = (input: Partial<Parameters<typeof planMounts>[0]>) =>
  planMounts({ options: [], inherited: [], imageVolumes: [], kept: ['/var/lib/sampan'], ...input });

test('image volumes become anonymous ones where nothing else is mounted', () => {
  const planned = plan({
    options: [option({ source: 'named', target: '/data/' })],
    imageVolumes: ['/data', '/cache'],
  });
  assert.deepEqual(
    planned.map(({ target, source, anonymous }) => [target, source, anonymous ?? false]),
    [
      ['/data', 'named', false],
      ['/cache', undefined, true],
    ],
  );
});

test('inherited mounts keep their volume, turn read-only on demand, and are nobody’s to delete', () => {
  const mounts: RecordedMount[] = [
    {
      type: 'volume',
      volume: 'v',
      anonymous: true,
      source: '/store/v/data',
      target: '/data',
      readOnly: false,
      options: [],
      copyUp: true,
    },
  ];
  const [mount] = plan({ inherited: [{ mounts, readOnly: true }] });
  assert.equal(mount?.source, 'v');
  assert.equal(mount?.readOnly, true);
  assert.equal(mount?.anonymous, false);
});

test('mounts that docker refuses are refused', () => {
  const refused: [MountOption[], RegExp][] = [
    [[option({ target: 'data' })], /must be absolute/],
    [[option({ target: '/x/..' })], /can't be '\/'/],
    [[option({}), option({ target: '/data/.' })], /Duplicate mount point: \/data/],
    [[option({ source: 'a/b' })], /invalid characters/],
    [[option({ options: ['foo'] })], /Invalid mode: foo/],
    [[option({ type: 'bind', source: 'x' })], /must be absolute/],
    [[option({ target: '/proc/sys' })], /belongs to the kernel/],
    [[option({ target: '/a/../proc' })], /belongs to the kernel/],
    [[option({ type: 'bind', source: '/var/lib/sampan/volumes' })], /Sampan's own files/],
  ];
  for (const [options, message] of refused)
    assert.throws(() => plan({ options }), { code: 'invalid-argument', message }, JSON.stringify(options));
  assert.doesNotThrow(() => plan({ options: [option({ type: 'bind', source: '/var/lib' })] }));
});

test('parents are mounted before what lies in them', () => {
  const mounts = plan({ imageVolumes: ['/a/b/c', '/a', '/a/b'] }).map(mount => ({ ...mount, source: '' }));
  assert.deepEqual(
    mountSpecs(mounts).map(mount => mount.target),
    ['/a', '/a/b', '/a/b/c'],
  );
});

test('ulimits, sysctls, security options and extra hosts are checked', () => {
  assert.deepEqual(resolveUlimits([{ name: 'nofile', soft: 1024, hard: -1 }]), [
    { resource: 7, soft: '1024', hard: 'unlimited' },
  ]);
  assert.throws(() => resolveUlimits([{ name: 'nofile', soft: 10, hard: 5 }]), { message: /10 > 5/ });
  assert.throws(() => resolveUlimits([{ name: 'foo', soft: 1, hard: 1 }]), {
    message: /Invalid ulimit type: foo/,
  });
  assert.throws(() => resolveSysctls({ 'vm.swappiness': '1' }, { network: { mode: 'none' }, ownIpc: true }), {
    message: /not allowed/,
  });
  assert.throws(
    () => resolveSysctls({ 'net.ipv4.ip_forward': '1' }, { network: { mode: 'host' }, ownIpc: true }),
    {
      message: /not allowed/,
    },
  );
  assert.equal(
    resolveSysctls({ 'net.ipv4.ip_forward': '1' }, { network: { mode: 'none' }, ownIpc: true })[
      'net.ipv4.ip_forward'
    ],
    '1',
  );
  assert.equal(resolveSecurity(['seccomp=unconfined']).seccomp, false);
  assert.equal(resolveSecurity(['no-new-privileges']).noNewPrivileges, true);
  assert.throws(() => resolveSecurity(['foo']), { message: /Invalid --security-opt/ });
  assert.throws(() => resolveSecurity(['apparmor=x']), { code: 'unsupported' });
  assert.deepEqual(parseExtraHost('a:[::1]'), { name: 'a', address: '::1' });
  assert.deepEqual(parseExtraHost('a=1.2.3.4'), { name: 'a', address: '1.2.3.4' });
  for (const bad of ['a', 'a:b', ':1.2.3.4'])
    assert.throws(() => parseExtraHost(bad), { code: 'invalid-argument' }, bad);
});

const record: ContainerRecord = {
  version: 1,
  id: 'a'.repeat(64),
  name: 'box',
  image: { id: `sha256:${'b'.repeat(64)}`, reference: 'busybox' },
  options: {
    image: 'busybox',
    publishAll: true,
    ports: [{ hostIp: '', hostPort: 81, containerPort: 80, protocol: 'tcp' }],
  },
  config: { ExposedPorts: { '80/tcp': {}, '53/udp': {} }, WorkingDir: '/srv' },
  args: ['true'],
  hostname: 'box',
  createdAt: '2026-01-01T00:00:00.000Z',
  mounts: [
    { type: 'bind', source: '/etc/hosts', target: '/etc/hosts', readOnly: true, options: [], copyUp: false },
  ],
  network: { mode: 'bridge', name: 'bridge' },
  links: [{ container: 'c', alias: 'db' }],
  warnings: ['w'],
};

const identity = { pid: 7, startTime: '1', bootId: 'x' };
const running = {
  status: 'running',
  monitor: identity,
  process: identity,
  startedAt: 't1',
  ports: [{ hostIp: '0.0.0.0', hostPort: 81, containerPort: 80, protocol: 'tcp' }],
} as const;
const facts = (over: Partial<ContainerFacts>): ContainerFacts => ({
  record,
  directory: '/store/containers/a',
  state: undefined,
  run: undefined,
  failure: undefined,
  frozen: false,
  stoppedByHand: false,
  health: undefined,
  monitorAlive: false,
  removing: undefined,
  ...over,
});

test('a container’s status follows from its records and its monitor', () => {
  const status = (over: Partial<ContainerFacts>) => {
    const { status, exitCode, error } = describeContainer(facts(over));
    return [status, exitCode, error !== undefined];
  };
  const exited = {
    status: 'exited',
    exitCode: 3,
    oomKilled: false,
    startedAt: 't1',
    finishedAt: 't2',
  } as const;
  const failure = { message: 'no such file', exitCode: 127 };
  assert.deepEqual(status({}), ['created', undefined, false]);
  assert.deepEqual(status({ failure }), ['created', 127, true]);
  assert.deepEqual(status({ state: running, monitorAlive: true }), ['running', undefined, false]);
  assert.deepEqual(status({ state: running }), ['exited', 137, true]);
  assert.deepEqual(status({ state: exited }), ['exited', 3, false]);
  assert.deepEqual(status({ state: exited, failure }), ['exited', 127, true]);
  assert.equal(describeContainer(facts({ state: exited, failure })).finishedAt, 't2');
  assert.deepEqual(status({ state: exited, removing: 'container' }), ['removing', 3, false]);
});

test('ports are the requested ones, with -P those exposed, and the real ones while running', () => {
  assert.deepEqual(
    describeContainer(facts({})).ports.map(port => [port.hostPort, port.containerPort, port.protocol]),
    [
      [81, 80, 'tcp'],
      [0, 53, 'udp'],
    ],
  );
  assert.deepEqual(describeContainer(facts({ state: running, monitorAlive: true })).ports, running.ports);
});

test('address and link addresses show only while running', () => {
  const run = {
    env: [],
    user: { uid: 0, gid: 0, groups: [], home: '/' },
    cgroups: [],
    network: { address: '10.0.0.2', gateway: '10.0.0.1', mac: 'm' },
    links: [{ alias: 'db', address: '10.0.0.3' }],
    warnings: ['r'],
  };
  const alive = describeContainer(facts({ state: running, monitorAlive: true, run }));
  assert.equal(alive.network.address, '10.0.0.2');
  assert.equal(alive.links[0]?.address, '10.0.0.3');
  assert.deepEqual(alive.warnings, ['w', 'r']);
  const dead = describeContainer(facts({ state: running, run }));
  assert.equal(dead.network.address, undefined);
  assert.equal(dead.links[0]?.address, undefined);
});

const place = (over: Partial<ContainerRecord> = {}) =>
  containerPlace({
    record: { ...record, ...over },
    directory: '/c',
    runDirectory: '/r',
    cgroups: [],
    networkOf: undefined,
    namespaces: { pid: 'private', ipc: 'private', uts: 'private', cgroup: 'private' },
    waitForAttach: true,
    journal: '/store/events',
  });

const content = (over: Partial<ContainerRecord> = {}) =>
  containerContent({
    record: { ...record, ...over },
    rootfs: { lowers: ['/l'] },
    env: ['A=1'],
    user: { uid: 5, gid: 6, groups: [6], home: '/' },
    address: undefined,
    gateway: undefined,
    etcFiles: etcFilesOf('/c'),
    files: [],
    runRecord: '{}',
    seccompFilter: undefined,
    ttySize: undefined,
  });

test('the spec has docker’s defaults, and a user’s mount at /etc/hosts wins over ours', () => {
  const made = content();
  assert.equal(made.process.cwd, '/srv');
  assert.equal(made.process.uid, 5);
  assert.equal(made.process.capabilities.length, 14);
  assert.equal(made.shmSize, 64 * 2 ** 20);
  assert.ok(made.maskedPaths.includes('/proc/kcore'));
  assert.deepEqual(
    made.mounts.map(mount => [mount.source, mount.target]),
    [
      ['/c/hostname', '/etc/hostname'],
      ['/c/resolv.conf', '/etc/resolv.conf'],
      ['/etc/hosts', '/etc/hosts'],
    ],
  );
  assert.ok(place().ports.every(port => port.hostIp !== ''));
});

test('host network publishes nothing and shares the namespace', () => {
  const made = place({ network: { mode: 'host' } });
  assert.deepEqual(made.ports, []);
  assert.equal(made.namespaces.network, 'host');
});

test('a failed start has docker’s exit code', () => {
  assert.equal(startExitCode(new SampanError('command-not-found', 'x')), 127);
  assert.equal(startExitCode(new SampanError('command-not-executable', 'x')), 126);
  assert.equal(startExitCode(new SampanError('port-in-use', 'x')), 128);
});
