import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { openSeccompFilters } from '../../server/engine/container/seccomp.ts';
import { makeStore, type TemporaryStore } from './store-support.ts';

let temporary: TemporaryStore;
before(async () => {
  temporary = await makeStore();
});
after(() => temporary.remove());

/** A helper of one build, and the holder of another that still runs; filters are the holder's name. */
function filters({ installed, running }: { installed: string; running: string }) {
  const compiled: string[] = [];
  const runtime = {
    helperBuildId: async () => installed,
    compileSeccomp: async () => {
      compiled.push(running);
      return { bytes: Buffer.from(running), compiler: running };
    },
  };
  return { compiled, ...openSeccompFilters({ store: temporary.store, runtime }) };
}

test('a seccomp filter is compiled once per set of capabilities and build of the helper', async () => {
  const old = filters({ installed: 'old', running: 'old' });
  const path = await old.fileFor([1]);
  assert.equal(await old.fileFor([1]), path);
  assert.notEqual(await old.fileFor([21]), path);
  assert.equal(old.compiled.length, 2);
  const other = filters({ installed: 'new', running: 'new' });
  assert.equal(await readFile(await other.fileFor([1]), 'utf8'), 'new');
  assert.equal(other.compiled.length, 1);
});

test('what the holder of an earlier version compiles is not taken for the work of the installed helper', async () => {
  const upgraded = filters({ installed: 'newest', running: 'before' });
  assert.equal(await readFile(await upgraded.fileFor([1]), 'utf8'), 'before');
  const restarted = filters({ installed: 'newest', running: 'newest' });
  assert.equal(await readFile(await restarted.fileFor([1]), 'utf8'), 'newest');
  assert.equal(restarted.compiled.length, 1);
});
