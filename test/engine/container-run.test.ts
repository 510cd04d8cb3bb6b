import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

/** A shell command in a container without network, which is quicker. */
const sh = (script: string, options: Parameters<TestEngine['runToEnd']>[0] = {}) =>
  bench.runToEnd({ network: 'none', command: ['sh', '-c', script], ...options });

test('a container runs its command and keeps output and exit code', { skip }, async () => {
  const done = await sh('echo out; echo err >&2; exit 7');
  assert.equal(done.exitCode, 7);
  assert.equal(done.stdout, 'out\n');
  assert.equal(done.stderr, 'err\n');
  assert.equal(done.container.status, 'exited');
  assert.equal(done.container.exitCode, 7);
  assert.ok((done.container.startedAt ?? '') <= (done.container.finishedAt ?? ''));
});

test('a signal ends a container with 128 and its number', { skip }, async () => {
  // The shell is pid 1, which signals from its own namespace cannot kill: a child is.
  const done = await sh('sh -c "kill -TERM \\$\\$"; exit $?');
  assert.equal(done.exitCode, 143);
});

test('the environment, the working directory and the host name are docker’s', { skip }, async () => {
  const done = await sh('env | sort; pwd; hostname', {
    env: ['B=2', 'A=x y'],
    workingDir: '/srv/app',
    hostname: 'box',
  });
  assert.deepEqual(done.stdout.trim().split('\n'), [
    'A=x y',
    'B=2',
    'HOME=/root',
    'HOSTNAME=box',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'PWD=/srv/app',
    'SHLVL=1',
    '/srv/app',
    'box',
  ]);
});

test('a user by name has its group, its memberships and its home', { skip }, async () => {
  const done = await sh('id -u; id -g; id -G; echo $HOME', { user: 'app' });
  const [uid, gid, groups = '', home] = done.stdout.split('\n');
  assert.deepEqual([uid, gid, groups.split(' ').sort(), home], ['1000', '1000', ['1000', '50'], '/home/app']);
});

test('an unknown user is refused and leaves the container created', { skip }, async () => {
  const { id } = await bench.engine.containers.create({ image: 'busybox', user: 'nosuch', network: 'none' });
  await assert.rejects(bench.engine.containers.start(id), { code: 'invalid-argument', message: /nosuch/ });
  const container = await bench.engine.containers.get(id);
  assert.equal(container.status, 'created');
  assert.match(container.error ?? '', /Unable to find user nosuch/);
});

test('a command that does not exist has exit code 127, one that is no program 126', { skip }, async () => {
  const cases = [
    { command: ['/nosuch'], code: 'command-not-found', exitCode: 127 },
    { command: ['/etc/passwd'], code: 'command-not-executable', exitCode: 126 },
  ];
  for (const { command, code, exitCode } of cases) {
    const { id } = await bench.engine.containers.create({ image: 'busybox', command, network: 'none' });
    await assert.rejects(bench.engine.containers.start(id), { code }, command[0]);
    const container = await bench.engine.containers.get(id);
    assert.equal(container.exitCode, exitCode, command[0]);
    assert.equal(container.status, 'created');
  }
});

test('an image that is not there is refused before anything exists', { skip }, async () => {
  const before = (await bench.engine.containers.list({ all: true })).length;
  await assert.rejects(bench.engine.containers.create({ image: 'nosuch:1' }), { code: 'not-found' });
  assert.equal((await bench.engine.containers.list({ all: true })).length, before);
});

test('a name is used once', { skip }, async () => {
  const { id } = await bench.engine.containers.create({ image: 'busybox', name: 'only', network: 'none' });
  await assert.rejects(bench.engine.containers.create({ image: 'busybox', name: 'only' }), {
    code: 'conflict',
    message: /"\/only" is already in use/,
  });
  await bench.engine.containers.rename('only', 'other');
  assert.equal((await bench.engine.containers.get('other')).id, id);
  await assert.rejects(bench.engine.containers.rename('other', 'other'), { code: 'invalid-argument' });
  await bench.engine.containers.create({ image: 'busybox', name: 'only', network: 'none' });
});

test('a create that fails half-way takes everything back', { skip }, async () => {
  const containers = await bench.engine.containers.list({ all: true });
  const volume = {
    type: 'volume',
    target: '/data',
    readOnly: false,
    options: [],
    createSource: false,
  } as const;
  const gone = { ...volume, type: 'bind', source: join(bench.base, 'nosuch'), target: '/x' } as const;
  await assert.rejects(
    bench.engine.containers.create({ image: 'busybox', name: 'half', mounts: [volume, gone] }),
    { code: 'invalid-argument', message: /bind source path does not exist/ },
  );
  assert.equal((await bench.engine.containers.list({ all: true })).length, containers.length);
  await bench.engine.containers.create({ image: 'busybox', name: 'half', network: 'none' });
});

test('the store cannot be mounted, not even through a link', { skip }, async () => {
  const link = join(bench.base, 'innocent');
  symlinkSync(bench.root, link);
  const mount = {
    type: 'bind',
    source: link,
    target: '/x',
    readOnly: true,
    options: [],
    createSource: true,
  } as const;
  await assert.rejects(bench.engine.containers.create({ image: 'busybox', mounts: [mount] }), {
    code: 'invalid-argument',
    message: /Sampan's own files/,
  });
});

test('a container starts again with its files', { skip }, async () => {
  const { container } = await sh('echo x >> /data; wc -l < /data');
  await bench.engine.containers.start(container.id);
  await bench.engine.containers.wait(container.id);
  assert.equal((await bench.output(container.id)).stdout, '1\n2\n');
});

test('mounts: a bind, a read-only one, a tmpfs', { skip }, async () => {
  const source = join(bench.base, 'bind');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'host\n');
  const mount = { type: 'bind', source, readOnly: false, options: [], createSource: true } as const;
  const done = await sh(
    'cat /rw/file; echo inside > /rw/new; touch /ro/x 2>&1; mount | grep -c "on /tmpfs type tmpfs"',
    {
      mounts: [
        { ...mount, target: '/rw' },
        { ...mount, target: '/ro', readOnly: true },
        { ...mount, type: 'tmpfs', source: '', target: '/tmpfs' },
      ],
    },
  );
  assert.equal(done.stdout, 'host\ntouch: /ro/x: Read-only file system\n1\n');
  assert.equal(readFileSync(join(source, 'new'), 'utf8'), 'inside\n');
});

test('a read-only container cannot write, a mount can', { skip }, async () => {
  const done = await sh('touch /x || echo refused; touch /data/x && echo written', {
    readOnly: true,
    mounts: [
      {
        type: 'volume',
        source: 'ro-data',
        target: '/data',
        readOnly: false,
        options: [],
        createSource: false,
      },
    ],
  });
  assert.match(done.stdout, /refused\nwritten\n/);
});

test('what changed is listed, exported and committed', { skip }, async () => {
  const { container } = await sh('echo new > /new; rm /etc/group; echo more >> /etc/passwd');
  const changes = await bench.engine.containers.changes(container.id);
  assert.deepEqual(changes, [
    { kind: 'C', path: '/etc' },
    { kind: 'D', path: '/etc/group' },
    { kind: 'C', path: '/etc/passwd' },
    { kind: 'A', path: '/new' },
  ]);
  let bytes = 0;
  await bench.engine.containers.exportTar(container.id, chunk => {
    bytes += chunk.length;
  });
  assert.ok(bytes > 100_000);
  const image = await bench.engine.containers.commit(container.id, {
    tags: ['committed:1'],
    message: 'why',
    changes: ['CMD ["cat","/new"]'],
  });
  assert.deepEqual(image.config.config?.Cmd, ['cat', '/new']);
  assert.equal(image.config.history?.at(-1)?.comment, 'why');
  const again = await bench.runToEnd({ image: 'committed:1', network: 'none' });
  assert.equal(again.stdout, 'new\n');
});

test('mount points are no changes of the container', { skip }, async () => {
  const volume = {
    type: 'volume',
    target: '/data',
    readOnly: false,
    options: [],
    createSource: false,
  } as const;
  const { container } = await sh('true', { mounts: [volume] });
  const changes = await bench.engine.containers.changes(container.id);
  assert.deepEqual(changes, []);
});

test('removing takes everything, forcing also a running one', { skip }, async () => {
  const running = await bench.start({ network: 'none', command: ['sleep', '1000'] });
  await assert.rejects(bench.engine.containers.remove(running.id), {
    code: 'conflict',
    message: /is running/,
  });
  await bench.engine.containers.remove(running.id, { force: true });
  await assert.rejects(bench.engine.containers.get(running.id), { code: 'not-found' });
  await assert.rejects(bench.engine.containers.remove(running.id), { code: 'not-found' });
});
