import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from '../../server/cli/flags.ts';
import { readCacheFrom, readCacheTo } from '../../server/cli/options/caches.ts';
import { containerFlags, containerOptions, pullPolicy } from '../../server/cli/options/container.ts';
import { readMount, readTmpfs, readVolume } from '../../server/cli/options/mounts.ts';
import { readExpose, readPublish } from '../../server/cli/options/ports.ts';
import { readSsh } from '../../server/cli/options/ssh.ts';
import { environmentOf, readExtraHost, readLink, readUlimit } from '../../server/cli/options/values.ts';

const caller = { directory: '/here', environment: { FROM_CALLER: 'yes' } };

async function optionsOf(...args: string[]) {
  const { flags, positionals } = parseFlags(containerFlags, args, { stopAtPositional: true });
  return containerOptions(flags, positionals, caller);
}

test('volume flags become binds, named and anonymous volumes', () => {
  const bind = { type: 'bind', readOnly: false, options: [], createSource: true };
  const volume = { type: 'volume', readOnly: false, options: [], createSource: false };
  assert.deepEqual(readVolume('/a:/b', '/here'), { ...bind, source: '/a', target: '/b' });
  assert.deepEqual(readVolume('./a:/b:ro,rslave', '/here'), {
    ...bind,
    source: '/here/a',
    target: '/b',
    readOnly: true,
    options: ['rslave'],
  });
  assert.deepEqual(readVolume('data:/b:nocopy,z', '/here'), {
    ...volume,
    source: 'data',
    target: '/b',
    options: ['nocopy'],
  });
  assert.deepEqual(readVolume('/only', '/here'), { ...volume, target: '/only' });
});

for (const [text, why] of [
  ['a:b', /mount path must be absolute/],
  ['/a:/', /destination can't be '\/'/],
  ['/a:/b:foo', /invalid mode: foo/],
  ['/a:/b:nocopy', /invalid mode: nocopy/],
  ['a b:/c', /invalid characters for a local volume name/],
  ['x:/c', /invalid characters/],
  ['a::/b', /the form is/],
] as const) {
  test(`volume ${text} is refused with exit code 125`, () => {
    assert.throws(() => readVolume(text, '/here'), { exitCode: 125, message: why });
  });
}

test('mount flags take synonyms, quotes and options of their type', () => {
  assert.deepEqual(readMount('type=bind,src=x,dst=/m,ro', '/here'), {
    type: 'bind',
    source: '/here/x',
    target: '/m',
    readOnly: true,
    options: [],
    createSource: false,
  });
  assert.deepEqual(readMount('source=v,target=/m,volume-subpath=a/b,volume-nocopy', '/here'), {
    type: 'volume',
    source: 'v',
    target: '/m',
    readOnly: false,
    options: ['nocopy', 'subpath=a/b'],
    createSource: false,
  });
  assert.deepEqual(readMount('type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777', '/here').options, [
    'size=1048576',
    'mode=1777',
  ]);
  assert.equal(readMount('type=bind,"source=/with,comma",target=/m', '/here').source, '/with,comma');
});

for (const [text, why] of [
  ['type=bind,target=/m', /needs a source/],
  ['type=image,target=/m', /not supported/],
  ['type=bind,src=/a', /target is required/],
  ['type=bind,src=/a,target=m', /must be absolute/],
  ['type=volume,target=/m,foo=1', /unexpected key 'foo'/],
  ['type=volume,target=/m,bind-propagation=rslave', /cannot mix/],
  ['type=tmpfs,target=/m,src=/a', /has no source/],
] as const) {
  test(`mount ${text} is refused`, () => {
    assert.throws(() => readMount(text, '/here'), { exitCode: 125, message: why });
  });
}

test('tmpfs flag keeps its mount options and finds ro', () => {
  assert.deepEqual(readTmpfs('/t:size=1m,ro'), {
    type: 'tmpfs',
    target: '/t',
    readOnly: true,
    options: ['size=1m'],
    createSource: false,
  });
});

test('publish takes addresses, ranges, protocols and free ports', () => {
  const port = (hostIp: string, hostPort: number, containerPort: number, protocol = 'tcp') => ({
    hostIp,
    hostPort,
    containerPort,
    protocol,
  });
  assert.deepEqual(readPublish('80'), [port('0.0.0.0', 0, 80)]);
  assert.deepEqual(readPublish('8080:80'), [port('0.0.0.0', 8080, 80)]);
  assert.deepEqual(readPublish('127.0.0.1::53/udp'), [port('127.0.0.1', 0, 53, 'udp')]);
  assert.deepEqual(readPublish('[::1]:8080:80'), [port('::1', 8080, 80)]);
  assert.deepEqual(readPublish('8000-8001:80-81'), [port('0.0.0.0', 8000, 80), port('0.0.0.0', 8001, 81)]);
});

for (const [text, why] of [
  ['foo', /Invalid containerPort: foo/],
  ['x:80', /Invalid hostPort: x/],
  ['80/sctp', /Invalid proto: sctp/],
  ['1.2.3:1:80', /Invalid ip address/],
  ['1-2:80-82', /Invalid ranges/],
  ['1:99999', /Invalid containerPort/],
] as const) {
  test(`publish ${text} is refused`, () => {
    assert.throws(() => readPublish(text), { exitCode: 125, message: why });
  });
}

test('expose takes ranges', () => {
  assert.deepEqual(readExpose('80-81/udp'), ['80/udp', '81/udp']);
  assert.throws(() => readExpose('x'), { exitCode: 125 });
});

test('environment copies names from the caller and leaves out what is not set there', async () => {
  const env = await environmentOf({
    values: ['A=1', 'FROM_CALLER', 'NOT_SET', 'EMPTY='],
    files: [],
    environment: caller.environment,
  });
  assert.deepEqual(env, ['A=1', 'FROM_CALLER=yes', 'EMPTY=']);
  await assert.rejects(environmentOf({ values: ['=x'], files: [], environment: {} }), { exitCode: 125 });
});

test('hosts, links and ulimits are checked', () => {
  assert.equal(readExtraHost('db=10.0.0.1'), 'db:10.0.0.1');
  assert.equal(readExtraHost('v6:[::1]'), 'v6:::1');
  assert.throws(() => readExtraHost('db:nope'), { message: /invalid IP address in add-host/ });
  assert.deepEqual(readLink('web:alias'), { container: 'web', alias: 'alias' });
  assert.deepEqual(readLink('web'), { container: 'web', alias: 'web' });
  assert.throws(() => readLink('a:b:c'), { message: /bad format for links/ });
  assert.deepEqual(readUlimit('nofile=100:200'), { name: 'nofile', soft: 100, hard: 200 });
  assert.deepEqual(readUlimit('core=-1'), { name: 'core', soft: -1, hard: -1 });
  assert.throws(() => readUlimit('nofile=10:5'), { message: /soft limit must be less/ });
});

test('container options hold what was asked for and nothing else', async () => {
  const options = await optionsOf(
    '-m',
    '32m',
    '--cpus',
    '0.5',
    '-e',
    'A=1',
    '--entrypoint',
    '',
    'img',
    'a',
    '-b',
  );
  assert.equal(options.image, 'img');
  assert.deepEqual(options.command, ['a', '-b']);
  assert.deepEqual(options.entrypoint, []);
  assert.deepEqual(options.env, ['A=1']);
  assert.deepEqual(options.limits, { memory: 33554432, cpus: 0.5 });
  assert.ok(!('name' in options) && !('user' in options));
});

for (const [args, why] of [
  [['-m', 'nonsense', 'x'], /invalid size: 'nonsense'/],
  [['--privileged', 'x'], /--privileged is not supported/],
  [['--gpus', 'all', 'x'], /--gpus is not supported/],
  [['--dns', 'x', 'x'], /IP address is not correctly formatted/],
  [['-l', '=v', 'x'], /empty name/],
] as const) {
  test(`options ${args.join(' ')} are refused with exit code 125`, async () => {
    await assert.rejects(optionsOf(...args), { exitCode: 125, message: why });
  });
}

test('flags whose value asks for what happens anyway are fine', async () => {
  await optionsOf('--log-driver', 'json-file', '--ipc', 'private', 'img');
});

test('pull policy is one of three words', () => {
  const policy = (...args: string[]) => pullPolicy(parseFlags(containerFlags, args).flags);
  assert.equal(policy(), 'missing');
  assert.equal(policy('--pull', 'never'), 'never');
  assert.throws(() => policy('--pull', 'perhaps'), { exitCode: 125 });
});

test('caches are read as buildx reads them', () => {
  assert.deepEqual(readCacheFrom('host:5000/app:cache'), {
    kind: 'registry',
    reference: 'host:5000/app:cache',
  });
  assert.deepEqual(readCacheFrom('type=registry,ref=app'), { kind: 'registry', reference: 'app' });
  assert.deepEqual(readCacheFrom('type=local,src=/c,tag=t'), { kind: 'folder', folder: '/c', tag: 't' });
  assert.throws(() => readCacheFrom('type=local'), /src is required/);
  assert.throws(() => readCacheFrom('type=inline'), /type=registry,ref=IMAGE/);
  assert.equal(readCacheTo('type=inline'), 'inline');
  const defaults = {
    compression: 'gzip',
    forceCompression: false,
    isImageManifest: true,
    ignoreError: false,
  };
  assert.deepEqual(readCacheTo('type=local,dest=/c'), {
    place: { kind: 'folder', folder: '/c' },
    mode: 'min',
    ...defaults,
  });
  assert.deepEqual(
    readCacheTo(
      'type=registry,ref=a:1,mode=max,compression=zstd,compression-level=3,image-manifest=false,ignore-error=true',
    ),
    {
      place: { kind: 'registry', reference: 'a:1' },
      mode: 'max',
      ...defaults,
      compression: 'zstd',
      compressionLevel: 3,
      isImageManifest: false,
      ignoreError: true,
    },
  );
  assert.throws(() => readCacheTo('type=local,dest=/c,mode=all'), /mode must be min or max/);
  assert.throws(() => readCacheTo('type=local,dest=/c,what=1'), /unknown field what/);
});

test('--ssh is read as buildx reads it', () => {
  const environment = { SSH_AUTH_SOCK: '/run/agent' };
  assert.deepEqual(readSsh('default', environment), ['default', { paths: ['/run/agent'] }]);
  assert.deepEqual(readSsh('deploy=/k/one,/k/two', {}), ['deploy', { paths: ['/k/one', '/k/two'] }]);
  assert.deepEqual(readSsh('x=/s,raw=true', {}), ['x', { paths: ['/s'], raw: true }]);
  assert.throws(() => readSsh('default', {}), /SSH_AUTH_SOCK is not set/);
  assert.throws(() => readSsh('=x', environment), /needs an id/);
});
