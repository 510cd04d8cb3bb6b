import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { loadNative } from '../../server/engine/native.ts';
import { createFile, replaceFile } from '../../server/engine/store/atomic.ts';
import {
  cachedRecords,
  createRecord,
  listRecords,
  readRecord,
  removeRecord,
  writeRecord,
} from '../../server/engine/store/records.ts';
import { count, listOf, mapOf, oneOf, optional, shape, text } from '../../server/engine/store/schema.ts';
import { openStore } from '../../server/engine/store/store.ts';
import { collectBytes, dist, makeStore, sha256, streamOf, type TemporaryStore } from './store-support.ts';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await makeStore();
});
afterEach(() => temporary.remove());

describe('store', () => {
  test('opening creates all folders, for the owner alone', async () => {
    const { paths } = temporary.store;
    assert.equal((await stat(paths.root)).mode & 0o777, 0o700);
    assert.equal(await readFile(paths.version, 'latin1'), '1\n');
    for (const folder of [paths.blobs, paths.images, paths.references, paths.layers, paths.snapshots]) {
      assert.ok((await stat(folder)).isDirectory(), folder);
    }
  });

  test('opening refuses a store of a newer version and leaves it alone', async () => {
    const { paths } = temporary.store;
    await writeFile(paths.version, '2\n');
    await assert.rejects(temporary.reopen(), { code: 'version-mismatch', message: /version 2/ });
    assert.equal(await readFile(paths.version, 'latin1'), '2\n');
  });

  test('opening names a damaged version file', async () => {
    await writeFile(temporary.store.paths.version, 'x');
    await assert.rejects(temporary.reopen(), { code: 'store-corrupt', message: /version/ });
  });

  test('opening refuses a folder with other things in it and changes nothing', async () => {
    const root = join(temporary.folder, 'home');
    await mkdir(root, { mode: 0o755 });
    await chmod(root, 0o755);
    await writeFile(join(root, 'letter.txt'), 'dear');
    await assert.rejects(openStore({ root, locks: loadNative(dist) }), {
      code: 'invalid-argument',
      message: /letter\.txt/,
    });
    assert.deepEqual(await readdir(root), ['letter.txt']);
    assert.equal((await stat(root)).mode & 0o777, 0o755);
  });

  test('a lock on a read-only file system is told as such', async () => {
    const { root } = temporary.store.paths;
    const readOnly = Object.assign(new Error('EROFS: Read-only file system'), { code: 'EROFS' });
    const store = await openStore({ root, locks: { lockFile: () => Promise.reject(readOnly) } });
    await assert.rejects(
      store.lock('exclusive', async () => {}),
      { code: 'unsupported', message: /read-only/, hint: /SAMPAN_ROOT/ },
    );
  });

  test('opening refuses a file', async () => {
    const root = join(temporary.store.paths.root, 'a-file');
    await writeFile(root, '');
    await assert.rejects(openStore({ root, locks: loadNative(dist) }), {
      code: 'unsupported',
      message: /a file is where a folder has to be/,
    });
  });

  test('opening a new store many times at once makes one store', async () => {
    for (let round = 0; round < 5; round += 1) {
      const root = join(temporary.folder, `new${round}`);
      // Each a few turns of the event loop later, so that some begin where others end.
      const opening = Array.from({ length: 40 }, async (_, late) => {
        for (let turn = 0; turn < late; turn += 1) await setImmediate();
        return openStore({ root, locks: loadNative(dist) });
      });
      const [first] = await Promise.all(opening);
      assert.deepEqual(await readdir(first?.paths.tmp ?? ''), []);
    }
  });

  test('opening continues a creation that was cut off', async () => {
    const root = join(temporary.folder, 'half');
    await mkdir(join(root, 'blobs'), { recursive: true });
    const store = await openStore({ root, locks: loadNative(dist) });
    assert.ok((await stat(store.paths.blobs)).isDirectory());
  });

  test('long references get a file name that fits', () => {
    const { paths } = temporary.store;
    const long = `docker.io/${'a'.repeat(250)}:${'t'.repeat(128)}`;
    assert.ok((paths.reference(long).split('/').at(-1) ?? '').length < 255);
    assert.notEqual(paths.reference(long), paths.reference(`${long}x`));
    assert.equal(paths.reference('h:5/a:1').split('/').at(-1), 'h%3A5%2Fa%3A1.json');
  });

  test('cleaning removes what dead processes left and keeps fresh downloads', async () => {
    const { paths, blobs } = temporary.store;
    const dead = '4194303-1-00000000';
    const old = new Date(Date.now() - 30 * 24 * 3600 * 1000);
    const names = {
      temporary: `x.json.abc.${dead}`,
      fresh: `${'a'.repeat(64)}.partial.abc.${dead}`,
      stale: `${'b'.repeat(64)}.partial.abc.${dead}`,
    };
    for (const name of Object.values(names)) await writeFile(paths.temporary(name), 'x');
    await utimes(paths.temporary(names.stale), old, old);
    const writing = await blobs.partial(sha256('y'));
    await temporary.store.clean();
    const left = await readdir(paths.tmp);
    assert.equal(left.length, 2);
    assert.ok(left.includes(names.fresh));
    await writing.discard();
  });
});

describe('records', () => {
  const check = shape({ name: text, size: count, kind: oneOf('a', 'b'), tags: optional(listOf(text)) });

  test('record reads back as written, unknown fields dropped', async () => {
    const path = join(temporary.store.paths.images, 'r.json');
    assert.equal(await readRecord(path, check), undefined);
    await writeRecord(temporary.store.paths, path, { name: 'n', size: 1, kind: 'a', tags: null, more: true });
    assert.deepEqual(await readRecord(path, check), { name: 'n', size: 1, kind: 'a', tags: undefined });
    assert.equal((await listRecords(temporary.store.paths.images, check)).length, 1);
    assert.deepEqual(await readdir(temporary.store.paths.tmp), []);
  });

  test('record that is damaged names its file and the place', async () => {
    const path = join(temporary.store.paths.images, 'r.json');
    const cases: [content: string, problem: RegExp][] = [
      ['{"name":"n"', /damaged/],
      ['[]', /the document is not an object/],
      ['{"name":1,"size":1,"kind":"a"}', /name is not a string/],
      ['{"name":"n","size":-1,"kind":"a"}', /size is not a whole number/],
      ['{"name":"n","size":1,"kind":"c"}', /kind is not one of a, b/],
      ['{"name":"n","size":1,"kind":"a","tags":["x",2]}', /tags\[1\] is not a string/],
    ];
    for (const [content, problem] of cases) {
      await writeFile(path, content);
      await assert.rejects(readRecord(path, check), { code: 'store-corrupt', message: problem });
      await assert.rejects(readRecord(path, check), { message: new RegExp(path) });
    }
  });

  test('map of a check says which key is wrong', () => {
    assert.throws(() => mapOf(count)({ a: 1, b: 'x' }, 'sizes'), { message: /sizes\.b/ });
  });

  test('creating a record loses to the one that is there', async () => {
    const { paths } = temporary.store;
    const path = join(paths.images, 'r.json');
    const racers = ['1', '2', '3', '4'].map(name => createRecord(paths, path, { name, size: 1, kind: 'a' }));
    const won = await Promise.all(racers);
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal((await readRecord(path, check))?.name, String(won.indexOf(true) + 1));
    assert.deepEqual(await readdir(paths.tmp), []);
  });

  test('a failed write leaves the older file and no temporary one', async () => {
    const { paths } = temporary.store;
    const path = join(paths.images, 'r.json');
    await replaceFile(paths, path, Buffer.from('old'));
    await assert.rejects(createFile(paths, join(paths.images, 'no', 'r.json'), Buffer.from('x')));
    await assert.rejects(replaceFile(paths, join(paths.images, 'no', 'r.json'), Buffer.from('x')));
    assert.equal(await readFile(path, 'latin1'), 'old');
    assert.deepEqual(await readdir(paths.tmp), []);
  });
});

/** The store's modules, as an import statement of a process of its own. */
const blobModules = ['blobs.ts', 'paths.ts', 'version.ts'].map(name =>
  JSON.stringify(join(import.meta.dirname, '../../server/engine/store', name)),
);

describe('blobs', () => {
  const content = Buffer.from('hello blob');
  const digest = sha256(content);

  test('ingest stores a stream under its digest', async () => {
    const { blobs } = temporary.store;
    const stored = await blobs.ingest(streamOf('hello ', 'blob'), { digest, size: 10, what: 'The layer' });
    assert.deepEqual(stored, { digest, size: 10 });
    assert.equal(await blobs.size(digest), 10);
    assert.deepEqual(await collectBytes(blobs.open(digest)), content);
    assert.equal((await collectBytes(blobs.open(digest, 6))).toString(), 'blob');
    assert.deepEqual(await blobs.read(digest), content);
    assert.deepEqual(
      (await blobs.list()).map(blob => blob.digest),
      [digest],
    );
    await blobs.remove(digest);
    assert.equal(await blobs.size(digest), undefined);
  });

  test('ingest refuses another digest or size and keeps nothing', async () => {
    const { blobs, paths } = temporary.store;
    const wrong = [
      { digest: sha256('other'), what: 'The layer' },
      { digest, size: 9, what: 'The layer' },
    ];
    for (const expected of wrong) {
      await assert.rejects(blobs.ingest(streamOf(content), expected), { code: 'image-invalid' });
    }
    assert.deepEqual(await blobs.list(), []);
    assert.deepEqual(await readdir(paths.tmp), []);
  });

  test('read notices bytes that changed on disk', async () => {
    const { blobs, paths } = temporary.store;
    await blobs.put(content);
    await writeFile(paths.blob(digest), 'hello b1ob');
    await assert.rejects(blobs.read(digest), { code: 'store-corrupt', message: /has changed/ });
    await blobs.remove(digest);
    await assert.rejects(blobs.read(digest), { code: 'store-corrupt', message: /is missing/ });
    await assert.rejects(collectBytes(blobs.open(digest)), { code: 'store-corrupt' });
  });

  test('partial that was suspended goes on where it was', async () => {
    const { blobs } = temporary.store;
    const first = await blobs.partial(digest);
    assert.equal(first.offset, 0);
    await first.write(Buffer.from('hello '));
    await first.suspend();
    const second = await blobs.partial(digest);
    assert.equal(second.offset, 6);
    const beside = await blobs.partial(digest);
    assert.equal(beside.offset, 0, 'a partial that is being written is left to its writer');
    await beside.discard();
    await second.write(Buffer.from('blob'));
    await second.commit({ digest, size: 10, what: 'The layer' });
    assert.deepEqual(await blobs.read(digest), content);
  });

  test('partial with damaged bytes is thrown away at commit', async () => {
    const { blobs, paths } = temporary.store;
    const partial = await blobs.partial(digest);
    await partial.write(Buffer.from('hello bl0b'));
    await assert.rejects(partial.commit({ digest, what: 'The layer' }), { code: 'image-invalid' });
    assert.deepEqual(await readdir(paths.tmp), []);
  });

  test('full disk is told as such and nothing half-written stays', () => {
    const script = `
      const [{ openBlobs }, { storePaths }, { prepareStore }] = await Promise.all([
        ${blobModules.map(name => `import(${name})`).join(', ')}]);
      const paths = storePaths('/mnt/root');
      await prepareStore(paths);
      const blobs = openBlobs(paths);
      async function* big() { for (;;) yield Buffer.alloc(65536); }
      const codes = [];
      for (const fill of [() => blobs.ingest(big(), { what: 'It' }), () => blobs.put(Buffer.alloc(4 << 20))]) {
        await fill().catch(error => codes.push(error.code));
      }
      await blobs.put(Buffer.from('small'));
      const left = (await import('node:fs')).readdirSync(paths.tmp);
      console.log(JSON.stringify({ codes, left }));`;
    // A mount namespace of its own, as root or not, so that the small disk is seen by nobody else.
    const small = 'mount -t tmpfs -o size=2m none /mnt && exec "$@"';
    const command = ['-rm', 'sh', '-c', small, 'sh', process.execPath, '--input-type=module', '-e', script];
    const output = execFileSync('unshare', command, { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(output), { codes: ['disk-full', 'disk-full'], left: [] });
  });

  test('partial of a killed process is taken over with all its bytes', async () => {
    const { blobs, paths } = temporary.store;
    const module = join(import.meta.dirname, '../../server/engine/store/blobs.ts');
    const code = `
      const { openBlobs } = await import(${JSON.stringify(module)});
      const { storePaths } = await import(${JSON.stringify(module.replace('blobs.ts', 'paths.ts'))});
      const partial = await openBlobs(storePaths(${JSON.stringify(paths.root)})).partial(${JSON.stringify(digest)});
      await partial.write(Buffer.from('hello '));
      console.log('written');
      setInterval(() => {}, 1000);`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    const beside = await blobs.partial(digest);
    assert.equal(beside.offset, 0, 'its writer lives');
    await beside.discard();
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const partial = await blobs.partial(digest);
    assert.equal(partial.offset, 6);
    await partial.discard();
  });
});

test('cached records are read again after every change, whoever made it', async () => {
  const { paths } = temporary.store;
  const list = cachedRecords(paths.images, shape({ n: count }));
  const numbers = async () => (await list()).found.map(one => one.n);
  assert.deepEqual(await numbers(), []);
  for (let n = 1; n <= 20; n += 1) {
    await writeRecord(paths, join(paths.images, `r.json`), { n });
    assert.deepEqual(await numbers(), [n]);
    assert.deepEqual(await numbers(), [n]);
  }
  await removeRecord(join(paths.images, 'r.json'));
  assert.deepEqual(await numbers(), []);
});

test('cached records of a folder at rest are not read again', async () => {
  const { paths } = temporary.store;
  const path = join(paths.images, 'r.json');
  await writeRecord(paths, path, { n: 1 });
  const past = new Date(Date.now() - 1000);
  await utimes(paths.images, past, past);
  const list = cachedRecords(paths.images, shape({ n: count }));
  assert.equal(await list(), await list());
});
