import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadNative, type Native } from '../../server/engine/native.ts';

const dist = join(import.meta.dirname, '../../dist');

describe('native addon', () => {
  let native: Native;
  let folder: string;
  before(() => {
    native = loadNative(dist);
    folder = mkdtempSync(join(tmpdir(), 'sampan-addon-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('loading from a folder without it says how to get it', () => {
    assert.throws(() => loadNative(folder), { code: 'isolation-unavailable', hint: /npm run build/ });
  });

  test('exclusive lock keeps a second holder out until it is released', async () => {
    const path = join(folder, 'lock');
    const first = await native.lockFile(path, 'exclusive');
    assert.equal(await native.tryLockFile(path, 'exclusive'), undefined);
    assert.equal(await native.tryLockFile(path, 'shared'), undefined);
    const waiting = native.lockFile(path, 'exclusive');
    first.release();
    const second = await waiting;
    assert.equal(await native.tryLockFile(path, 'exclusive'), undefined);
    second.release();
    second.release();
    (await native.tryLockFile(path, 'exclusive'))?.release();
  });

  test('shared locks are held together', async () => {
    const path = join(folder, 'shared');
    const first = await native.lockFile(path, 'shared');
    const second = await native.tryLockFile(path, 'shared');
    assert.ok(second);
    assert.equal(await native.tryLockFile(path, 'exclusive'), undefined);
    first.release();
    second.release();
  });

  test('aborted wait for a lock rejects and does not keep the lock later', async () => {
    const path = join(folder, 'aborted');
    const first = await native.lockFile(path, 'exclusive');
    const controller = new AbortController();
    const waiting = native.lockFile(path, 'exclusive', { signal: controller.signal });
    controller.abort(new Error('no longer'));
    await assert.rejects(waiting, /no longer/);
    first.release();
    (await native.lockFile(path, 'exclusive')).release();
  });

  test('lock ends with the process that held it', async () => {
    const path = join(folder, 'killed');
    const code = `const m={exports:{}};process.dlopen(m,${JSON.stringify(join(dist, 'sampan.node'))});
      m.exports.lock(${JSON.stringify(path)},true,true).then(()=>console.log('held'));setInterval(()=>{},1e9)`;
    const holder = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    assert.equal(await native.tryLockFile(path, 'exclusive'), undefined);
    const waiting = native.lockFile(path, 'exclusive');
    holder.kill('SIGKILL');
    (await waiting).release();
  });

  test('lock on a path that cannot be opened rejects with Node-shaped facts', async () => {
    await assert.rejects(native.lockFile(join(folder, 'none/lock'), 'shared'), {
      code: 'ENOENT',
      syscall: 'open',
      path: join(folder, 'none/lock'),
    });
  });

  test('a directory is locked itself, and one that is missing is not made', async () => {
    const path = join(folder, 'locked');
    await assert.rejects(native.lockFile(`${path}/.`, 'exclusive'), { code: 'ENOENT' });
    assert.equal(existsSync(path), false);
    mkdirSync(path);
    const held = await native.lockFile(`${path}/.`, 'exclusive');
    assert.equal(await native.tryLockFile(`${path}/.`, 'exclusive'), undefined);
    held.release();
    (await native.tryLockFile(`${path}/.`, 'exclusive'))?.release();
    assert.deepEqual(readdirSync(path), []);
  });

  test('files are read together, in order: text, nothing, or why not', async () => {
    const [long, absent, directory] = ['long', 'absent', 'directory'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const text = 'é'.repeat(100_000);
    writeFileSync(long, text);
    mkdirSync(directory);
    const outcomes = await native.readFiles([long, absent, directory, '/proc/self/comm']);
    assert.equal(outcomes[0], text);
    assert.equal(outcomes[1], undefined);
    assert.ok(outcomes[2] instanceof Error && 'code' in outcomes[2] && outcomes[2].code === 'EISDIR');
    assert.match(String(outcomes[3]), /\n$/);
    assert.deepEqual(await native.readFiles([]), []);
  });

  test('exit of a process that is not a child is seen', async () => {
    // The shell leaves its child to init (or the nearest subreaper) and prints its pid.
    const { stdout } = spawnSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $!'], {
      encoding: 'utf8',
    });
    const pid = Number(stdout);
    const identity = native.identify(pid);
    assert.ok(identity);
    assert.ok(native.isAlive(identity));
    const ended = native.waitForExit(identity);
    process.kill(pid, 'SIGKILL');
    await ended;
  });

  test('pid of another start time or boot counts as gone', async () => {
    const self = native.identify(process.pid);
    assert.ok(self);
    await native.waitForExit({ ...self, startTime: '1' });
    await native.waitForExit({ ...self, bootId: 'another' });
    assert.equal(native.isAlive({ ...self, startTime: '1' }), false);
    assert.equal(native.isAlive({ ...self, bootId: 'another' }), false);
    assert.equal(native.identify(2 ** 30), undefined);
  });

  test('aborted wait for an exit rejects with the reason', async () => {
    const self = native.identify(process.pid);
    assert.ok(self);
    const controller = new AbortController();
    const waiting = native.waitForExit(self, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });

  test('scan lists depth first in byte order, does not follow links and prunes', async () => {
    const root = join(folder, 'context');
    mkdirSync(join(root, 'a/inner'), { recursive: true });
    mkdirSync(join(root, 'node_modules/x'), { recursive: true });
    writeFileSync(join(root, 'a.txt'), 'hello', { mode: 0o640 });
    writeFileSync(join(root, 'a/inner/f\nx'), '');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff])]), '');
    symlinkSync('a', join(root, 'link'));
    const entries = (await native.scanTree(root, { prune: ['node_modules'] })).entries();
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['a', 'a/inner', 'a/inner/f\nx', 'a.txt', 'b\ufffd', 'link', 'node_modules'],
    );
    const [text, raw, link] = [entries[3], entries[4], entries[5]];
    assert.equal(text?.type, 'file');
    assert.equal(text?.size, 5);
    assert.equal(text?.mode, 0o640);
    assert.deepEqual(raw?.rawPath, Uint8Array.of(0x62, 0xff));
    assert.equal(link?.linkTarget, 'a');
    await assert.rejects(native.scanTree(join(root, 'missing')), { code: 'ENOENT' });
  });

  test('two scans have one identity as long as nothing below changes', async () => {
    const root = join(folder, 'identity');
    mkdirSync(join(root, 'inner'), { recursive: true });
    writeFileSync(join(root, 'inner/file'), 'one');
    const first = await native.scanTree(root);
    assert.equal((await native.scanTree(root)).identity, first.identity);
    assert.equal(first.latestCtimeNs, statSync(join(root, 'inner/file'), { bigint: true }).ctimeNs);
    chmodSync(join(root, 'inner'), 0o711);
    const second = await native.scanTree(root);
    assert.notEqual(second.identity, first.identity);
    renameSync(join(root, 'inner/file'), join(root, 'inner/other'));
    assert.notEqual((await native.scanTree(root)).identity, second.identity);
  });

  test('hashes equal those of Node for every length around a block, many at once', async () => {
    const root = join(folder, 'hash');
    mkdirSync(root);
    const names = [0, 1, 55, 56, 63, 64, 65, 127, 128, 300_000].map(size => {
      writeFileSync(join(root, String(size)), Buffer.alloc(size, size));
      return String(size);
    });
    const expected = names.map(size =>
      createHash('sha256')
        .update(Buffer.alloc(Number(size), Number(size)))
        .digest('hex'),
    );
    assert.deepEqual(await native.hashFiles(root, names), expected);
  });

  test('hashing refuses links, directories and paths that leave the root', async () => {
    const root = join(folder, 'links');
    mkdirSync(join(root, 'd'), { recursive: true });
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('/etc/passwd', join(root, 'passwd'));
    await assert.rejects(native.hashFiles(root, ['etc/passwd']), { code: 'ELOOP' });
    await assert.rejects(native.hashFiles(root, ['passwd']), { code: 'ELOOP' });
    await assert.rejects(native.hashFiles(root, ['d']), { code: 'EINVAL' });
    await assert.rejects(native.hashFiles(root, ['../hash/1']), { code: 'EXDEV' });
  });

  test('directory is synced, a missing one is reported', async () => {
    await native.syncDirectory(folder);
    await assert.rejects(native.syncDirectory(join(folder, 'none')), { code: 'ENOENT', syscall: 'open' });
  });
});
