import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateName, isObjectName } from '../../server/common/names.ts';
import { parseSignal, signalName } from '../../server/common/signals.ts';
import { formatBinarySize, formatSize, parseSize } from '../../server/common/sizes.ts';
import { capabilityNumber, resolveCapabilities } from '../../server/engine/container/capabilities.ts';
import { overlayEnvironment, processEnvironment } from '../../server/engine/container/environment.ts';
import { mergeConfig } from '../../server/engine/container/merge.ts';
import { defaultSeccompRules } from '../../server/engine/container/seccompProfile.ts';
import { resolveUser } from '../../server/engine/container/user.ts';

test('names follow docker grammar: two characters, no leading separator', () => {
  for (const name of ['ab', 'a1', 'A_b.c-d', '9x']) assert.ok(isObjectName(name), name);
  for (const name of ['', 'a', '_ab', '.ab', '-ab', 'a b', 'a/b', 'ä1']) assert.ok(!isObjectName(name), name);
});

test('a generated name is a valid one, with a digit on a later attempt', () => {
  for (let draw = 0; draw < 1; draw += 0.01) {
    assert.match(
      generateName(() => draw, 0),
      /^[a-z]+_[a-z]+$/,
    );
    assert.match(
      generateName(() => draw, 1),
      /^[a-z]+_[a-z]+\d$/,
    );
  }
});

test('sizes are read with 1024-based units and decimals', () => {
  const cases: [string, number | undefined][] = [
    ['64m', 64 * 2 ** 20],
    ['1.5G', 1.5 * 2 ** 30],
    ['32', 32],
    ['10kb', 10240],
    ['10KiB', 10240],
    ['0', 0],
    ['-1', undefined],
    ['1x', undefined],
    ['', undefined],
    ['m', undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text), bytes, text);
});

test('sizes are written as docker writes them', () => {
  assert.equal(formatSize(4_261_234), '4.26MB');
  assert.equal(formatSize(0), '0B');
  assert.equal(formatSize(999), '999B');
  assert.equal(formatBinarySize(2 ** 31), '2GiB');
  assert.equal(formatBinarySize(1536), '1.5KiB');
});

test('signals are taken by name, number and real-time offset', () => {
  for (const text of ['TERM', 'SIGTERM', 'sigterm', '15']) assert.equal(parseSignal(text), 15, text);
  assert.equal(parseSignal('RTMIN+3'), 37);
  assert.equal(parseSignal('SIGRTMAX'), 64);
  assert.equal(parseSignal('RTMAX-14'), 50);
  for (const text of ['FOO', '0', '65', 'RTMIN-1', 'RTMAX+1', ''])
    assert.equal(parseSignal(text), undefined, text);
  assert.equal(signalName(9), 'SIGKILL');
  assert.equal(signalName(37), 'SIGRTMIN+3');
});

test('the default capabilities are docker’s 0xa80425fb', () => {
  const mask = resolveCapabilities([], []).reduce((sum, number) => sum + 2n ** BigInt(number), 0n);
  assert.equal(mask, 0xa80425fbn);
});

test('capability options do not depend on their order, case or prefix', () => {
  assert.deepEqual(resolveCapabilities(['net_admin'], ['ALL']), [capabilityNumber('NET_ADMIN')]);
  assert.ok(!resolveCapabilities([], ['CAP_CHOWN']).includes(0));
  assert.equal(resolveCapabilities(['ALL'], ['chown']).length, 40);
  assert.throws(() => resolveCapabilities(['CAP_FOO'], []), { code: 'invalid-argument', message: /CAP_FOO/ });
});

const image = {
  Env: ['PATH=/bin', 'A=image'],
  Entrypoint: ['/entry'],
  Cmd: ['default'],
  WorkingDir: '/srv',
  Labels: { a: '1', b: '1' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
};

test('the command replaces Cmd and keeps the entrypoint', () => {
  assert.deepEqual(mergeConfig(image, { image: 'x' }).args, ['/entry', 'default']);
  assert.deepEqual(mergeConfig(image, { image: 'x', command: ['sh'] }).args, ['/entry', 'sh']);
});

test('an entrypoint option drops the image’s Cmd, an empty one resets it', () => {
  assert.deepEqual(mergeConfig(image, { image: 'x', entrypoint: ['sh'] }).args, ['sh']);
  assert.deepEqual(mergeConfig(image, { image: 'x', entrypoint: [], command: ['ls'] }).args, ['ls']);
  assert.throws(() => mergeConfig(image, { image: 'x', entrypoint: [] }), { code: 'invalid-argument' });
});

test('options win over the image in environment and labels, ports and volumes unite', () => {
  const { config } = mergeConfig(image, {
    image: 'x',
    env: ['A=option', 'B=2'],
    labels: { b: '2' },
    expose: ['53/udp', '8080-8081'],
    ports: [{ hostIp: '', hostPort: 0, containerPort: 443, protocol: 'tcp' }],
    mounts: [{ type: 'volume', target: '/cache', readOnly: false, options: [], createSource: false }],
  });
  assert.deepEqual(config.Env, ['A=option', 'B=2', 'PATH=/bin']);
  assert.deepEqual(config.Labels, { a: '1', b: '2' });
  assert.deepEqual(Object.keys(config.ExposedPorts ?? {}), [
    '80/tcp',
    '53/udp',
    '8080/tcp',
    '8081/tcp',
    '443/tcp',
  ]);
  assert.deepEqual(Object.keys(config.Volumes ?? {}), ['/data', '/cache']);
});

test('a relative working directory and a nameless variable are refused', () => {
  assert.throws(() => mergeConfig(image, { image: 'x', workingDir: 'a' }), { code: 'invalid-argument' });
  assert.throws(() => mergeConfig(image, { image: 'x', env: ['=x'] }), {
    code: 'invalid-argument',
    message: /=x/,
  });
});

test('ports that are none are refused', () => {
  for (const port of ['x', '80-70', '0', '70000', '80/foo'])
    assert.throws(
      () => mergeConfig(image, { image: 'x', expose: [port] }),
      { code: 'invalid-argument' },
      port,
    );
});

test('the environment comes in docker’s order and HOME from passwd', () => {
  const input = { env: ['B=2', 'TERM'], hostname: 'box', tty: true, links: ['DB_NAME=/a/db'], home: '/root' };
  assert.deepEqual(processEnvironment(input), [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOSTNAME=box',
    'DB_NAME=/a/db',
    'B=2',
    'HOME=/root',
  ]);
  assert.ok(processEnvironment({ ...input, env: ['HOME=/x'] }).includes('HOME=/x'));
  assert.deepEqual(overlayEnvironment(['A=1', 'B=1'], ['A=2', 'C=3']), ['A=2', 'B=1', 'C=3']);
});

const files = {
  passwd: Buffer.from('root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:\nodd:x:a:b::/:\n'),
  group: Buffer.from('root:x:0:\nwheel:x:10:root\nweb:x:33:app,other\nstaff:x:50:app\n'),
};

test('users resolve as docker resolves them', () => {
  const cases: [string, { uid: number; gid: number; groups: number[]; home: string }][] = [
    ['', { uid: 0, gid: 0, groups: [0, 10], home: '/root' }],
    ['app', { uid: 1000, gid: 1001, groups: [1001, 33, 50], home: '/home/app' }],
    ['1000', { uid: 1000, gid: 1001, groups: [1001, 33, 50], home: '/home/app' }],
    ['app:staff', { uid: 1000, gid: 50, groups: [50], home: '/home/app' }],
    ['4242', { uid: 4242, gid: 0, groups: [0], home: '/' }],
    ['4242:7', { uid: 4242, gid: 7, groups: [7], home: '/' }],
    [':33', { uid: 0, gid: 33, groups: [33], home: '/root' }],
  ];
  for (const [spec, user] of cases) assert.deepEqual(resolveUser(spec, files), user, spec);
  assert.deepEqual(resolveUser('4242', files, ['web', '99']).groups, [0, 33, 99]);
  const none = { passwd: undefined, group: undefined };
  assert.deepEqual(resolveUser('', none), { uid: 0, gid: 0, groups: [0], home: '/' });
});

test('unknown users and groups and ids out of range are refused', () => {
  for (const spec of ['nosuch', 'app:nosuch', '-1', '2147483648', 'odd'])
    assert.throws(() => resolveUser(spec, files), { code: 'invalid-argument' }, spec);
  assert.throws(() => resolveUser('app', files, ['nosuch']), { message: /Unable to find group nosuch/ });
});

const allowed = (rules: ReturnType<typeof defaultSeccompRules>, name: string) =>
  rules.rules.some(rule => rule.action === 'allow' && rule.args.length === 0 && rule.names.includes(name));

test('the seccomp profile opens calls with their capability', () => {
  const plain = defaultSeccompRules(resolveCapabilities([], []), 'x64');
  const admin = defaultSeccompRules(resolveCapabilities(['SYS_ADMIN'], []), 'x64');
  for (const name of ['openat', 'ptrace', 'chroot', 'arch_prctl', 'landlock_create_ruleset'])
    assert.ok(allowed(plain, name), name);
  for (const name of [
    'mount',
    'unshare',
    'setns',
    'bpf',
    'io_uring_setup',
    'keyctl',
    'clone',
    'socket',
    'userfaultfd',
  ])
    assert.ok(!allowed(plain, name), name);
  for (const name of ['mount', 'unshare', 'clone', 'clone3']) assert.ok(allowed(admin, name), name);
  assert.equal(plain.rules.find(rule => rule.names.includes('clone3'))?.action, 'errno:38');
  assert.ok(!admin.rules.some(rule => rule.action === 'errno:38'));
});
