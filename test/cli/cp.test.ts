import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { placeOf } from '../../server/cli/verbs/cp.ts';
import { copyPlace } from '../../server/engine/container/copyPlace.ts';
import { tarOf } from '../engine/tar-support.ts';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

test('a copy goes into a directory that is there, and takes the name of one that is not', () => {
  const file = { base: 'f', isDirectory: false, contentsOnly: false };
  const folder = { base: 'd', isDirectory: true, contentsOnly: false };
  const contents = { base: 'd', isDirectory: true, contentsOnly: true };
  const at = (path: string, existing?: 'directory' | 'other', asDirectory = false) =>
    ({ path, existing, asDirectory, parentExists: true }) as const;
  assert.deepEqual(copyPlace(file, at('/x', 'directory')), { directory: '/x', as: 'f' });
  assert.deepEqual(copyPlace(file, at('/x')), { directory: '/', as: 'x' });
  assert.deepEqual(copyPlace(file, at('/a/x', 'other')), { directory: '/a', as: 'x' });
  assert.deepEqual(copyPlace(folder, at('/x', 'directory')), { directory: '/x', as: 'd' });
  assert.deepEqual(copyPlace(contents, at('/x', 'directory')), { directory: '/x', as: undefined });
  assert.deepEqual(copyPlace(contents, at('/a/x', undefined, true)), { directory: '/a', as: 'x' });
  assert.throws(() => copyPlace(file, at('/x', undefined, true)), { code: 'not-found' });
  assert.throws(() => copyPlace(file, at('/x', 'other', true)), { code: 'invalid-argument' });
  assert.throws(() => copyPlace(folder, at('/x', 'other')), { code: 'invalid-argument' });
  assert.throws(() => copyPlace(file, { ...at('/none/x'), parentExists: false }), {
    code: 'not-found',
    message: /no directory \/none /,
  });
});

test('a path of the host begins with a slash or a dot, or has no colon', () => {
  assert.deepEqual(placeOf('web:/etc'), { container: 'web', path: '/etc' });
  assert.deepEqual(placeOf('web:'), { container: 'web', path: '/' });
  for (const path of ['./a:b', '/a:b', 'a', '-'])
    assert.deepEqual(placeOf(path), { container: undefined, path });
});

describe('cp', { skip: cannotRun }, () => {
  let box: CommandSandbox;
  before(async () => {
    box = await openSandbox();
    await box.ok('volume', 'create', 'shared');
    const script =
      'mkdir -p /d/e && echo 1 > /d/f && echo 2 > /d/e/g && ln -s f /d/l && chmod 640 /d/f && chown 7:8 /d/f; sleep 1000';
    await box.ok('run', '-d', '--name', 'running', '-v', 'shared:/v', 'base', 'sh', '-c', `${script}`);
    await box.ok('exec', 'running', 'sh', '-c', 'until test -e /d/l; do :; done; sleep 0.1; echo in > /v/in');
    await box.ok('create', '--name', 'stopped', '-v', 'shared:/v', 'base', 'true');
  });
  after(() => box.remove());
  const host = (...names: string[]) => join(box.folder, 'host', ...names);
  const tree = (folder: string) => readdirSync(folder, { recursive: true }).toSorted();

  test('brings files out, theirs to the user; a folder whole, or what it holds', async () => {
    mkdirSync(host('out'), { recursive: true });
    await box.ok('cp', 'running:/d/f', host('out'));
    const file = lstatSync(host('out', 'f'));
    assert.deepEqual([file.uid, file.mode & 0o777], [process.getuid?.(), 0o640]);
    await box.ok('cp', 'running:/d/f', host('out', 'renamed'));
    assert.equal(readFileSync(host('out', 'renamed'), 'utf8'), '1\n');
    await box.ok('cp', 'running:/d', host('out'));
    assert.deepEqual(tree(host('out', 'd')), ['e', 'e/g', 'f', 'l']);
    await box.ok('cp', 'running:/d', host('copied'));
    assert.deepEqual(tree(host('copied')), ['e', 'e/g', 'f', 'l']);
    mkdirSync(host('contents'));
    await box.ok('cp', 'running:/d/.', host('contents'));
    assert.deepEqual(tree(host('contents')), ['e', 'e/g', 'f', 'l']);
  });

  test('copies a link as a link, and with -L what it names', async () => {
    mkdirSync(host('links'), { recursive: true });
    await box.ok('cp', 'running:/d/l', host('links'));
    assert.equal(readlinkSync(host('links', 'l')), 'f');
    await box.ok('cp', '-L', 'running:/d/l', host('links', 'followed'));
    assert.equal(readFileSync(host('links', 'followed'), 'utf8'), '1\n');
  });

  test('puts files in, owned by root, into running and stopped containers and their volumes', async () => {
    mkdirSync(host('in', 'sub'), { recursive: true });
    writeFileSync(host('in', 'a'), 'from host\n');
    writeFileSync(host('in', 'sub', 'b'), 'deep\n', { mode: 0o600 });
    await box.ok('cp', host('in'), 'running:/srv');
    assert.equal(await box.ok('exec', 'running', 'cat', '/srv/a', '/srv/sub/b'), 'from host\ndeep');
    assert.match(await box.ok('exec', 'running', 'ls', '-n', '/srv/sub/b'), /^-rw------- +1 0 +0 /);
    await box.ok('cp', host('in', '.'), 'stopped:/new/');
    await box.ok('cp', 'stopped:/new', host('back'));
    assert.deepEqual(tree(host('back')), ['a', 'sub', 'sub/b']);
    await box.ok('cp', host('in', 'a'), 'stopped:/v/from-stopped');
    assert.equal(await box.ok('exec', 'running', 'cat', '/v/from-stopped'), 'from host');
    await box.ok('cp', 'stopped:/v/in', host('from-volume'));
    assert.equal(readFileSync(host('from-volume'), 'utf8'), 'in\n');
  });

  test('takes and gives a tar on stdin and stdout, with owners', async () => {
    const archive = tarOf([
      { name: 'x/', type: '5' },
      { name: 'x/y', content: 'tar\n', uid: 5, gid: 6 },
    ]);
    const put = await box.sampan(['cp', '-', 'running:/tmp'], { input: archive });
    assert.equal(put.code, 0, put.stderr);
    assert.match(await box.ok('exec', 'running', 'ls', '-n', '/tmp/x/y'), / 5 +6 /);
    const got = await box.sampan(['cp', 'running:/tmp/x', '-']);
    const listed = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], {
      input: Buffer.from(got.stdout, 'latin1'),
      encoding: 'utf8',
    });
    assert.match(listed, /5\/6 .* x\/y/);
  });

  test('never leaves the container by its links', async () => {
    await box.ok('exec', 'running', 'sh', '-c', `ln -s ${box.folder} /leak; ln -s /proc/self/root /magic`);
    writeFileSync(host('secret'), 'secret');
    for (const path of [
      '/leak/host/secret',
      `/../../../..${host('secret')}`,
      `/magic/../..${host('secret')}`,
    ]) {
      const result = await box.sampan(['cp', `running:${path}`, host('leaked')]);
      assert.equal(result.code, 1, path);
    }
    symlinkSync(host('links'), host('linked'));
    await box.ok('cp', 'running:/d/f', host('linked', 'through'));
    assert.equal(
      readFileSync(host('links', 'through'), 'utf8'),
      '1\n',
      'a link of the host is the user’s own',
    );
    const write = await box.sampan(['cp', host('secret'), 'running:/leak/escaped']);
    assert.equal(write.code, 1, write.stderr);
    assert.ok(!readdirSync(box.folder).includes('escaped'));
  });

  test('says what is wrong', async () => {
    for (const [args, message] of [
      [['cp', 'running:/none', '.'], /There is no file \/none/],
      [['cp', 'nosuch:/x', '.'], /No such container: nosuch/],
      [['cp', 'running:/d/f', host('no', 'such', 'x')], /There is no directory .*no\/such to copy into/],
      [['cp', 'running:/d', host('secret')], /cannot be copied onto/],
      [['cp', 'a', 'b'], /must specify at least one container source/],
      [['cp', 'running:/a', 'stopped:/b'], /between containers is not supported/],
    ] as const) {
      const result = await box.sampan(args);
      assert.notEqual(result.code, 0);
      assert.match(result.stderr, message);
    }
    await box.ok('create', '--name', 'ro', '--read-only', 'base', 'true');
    const result = await box.sampan(['cp', host('secret'), 'ro:/x']);
    assert.match(result.stderr, /is read-only/);
  });
});
