import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
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
