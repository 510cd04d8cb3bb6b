import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceBeside } from '../../server/engine/store/atomic.ts';
import { makeFolder } from '../../server/engine/store/folder.ts';

test('a folder is made with its parents for the owner alone, by several at once, and again', async t => {
  const base = await mkdtemp(join(tmpdir(), 'st-'));
  t.after(() => rm(base, { recursive: true }));
  const path = join(base, 'a/b/c');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(base, 'a/b/d'))]);
  await makeFolder(path);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
});

test('a folder that cannot be made ends in an error, below /proc too', { timeout: 5000 }, async () => {
  await assert.rejects(makeFolder('/proc/nowhere/deep'), { code: 'ENOENT' });
});

test('a transient record is replaced whole: a reader never meets a part of it', async t => {
  const base = await mkdtemp(join(tmpdir(), 'st-'));
  t.after(() => rm(base, { recursive: true }));
  const path = join(base, 'run.json');
  const text = (n: number) => JSON.stringify({ n, pad: 'x'.repeat(100_000) });
  await replaceBeside(path, Buffer.from(text(0)), { sync: false });
  let writing = true;
  const writer = (async () => {
    for (let n = 1; n <= 50; n++) await replaceBeside(path, Buffer.from(text(n)), { sync: false });
    writing = false;
  })();
  while (writing) JSON.parse(await readFile(path, 'utf8'));
  await writer;
  assert.deepEqual(await readdir(base), ['run.json']);
});
