import assert from 'node:assert/strict';
import { mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openContext } from '../../server/engine/build/context.ts';
import { loadNative, type Native } from '../../server/engine/native.ts';
import { testBuild } from './build-bench.ts';
import { tarOf } from './image-support.ts';
import { dist, makeStore } from './store-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const dockerfile = 'FROM busybox\nCOPY src /src\n';

test('a change is seen in the same second, by rename, and with its time set back', { skip }, async () => {
  const build = testBuild(bench, { 'src/file': 'one', 'src/other': 'x' });
  const path = join(build.directory, 'src/file');
  const { atime, mtime } = statSync(path);
  assert.equal((await build.run(dockerfile)).hits, 'm');
  const changes: readonly (() => void)[] = [
    () => writeFileSync(path, 'two'),
    () => {
      writeFileSync(`${path}.new`, 'six');
      renameSync(`${path}.new`, path);
    },
    () => {
      writeFileSync(path, 'ten');
      utimesSync(path, atime, mtime);
    },
    () => {
      renameSync(path, `${path}.aside`);
      renameSync(join(build.directory, 'src/other'), path);
      renameSync(`${path}.aside`, join(build.directory, 'src/other'));
    },
  ];
  for (const change of changes) {
    change();
    assert.equal((await build.run(dockerfile)).hits, 'm', String(change));
    assert.equal((await build.run(dockerfile)).hits, 'H', String(change));
  }
});

test('of a context in which nothing changed neither contents nor entries are looked at', {
  skip,
}, async context => {
  const directory = join(bench.base, 'unchanged');
  mkdirSync(join(directory, 'a'), { recursive: true });
  writeFileSync(join(directory, 'a/file'), 'content');
  const { ctimeMs } = statSync(join(directory, 'a/file'));
  const real = loadNative(dist);
  const looks = { entries: 0, hashed: 0 };
  const native: Pick<Native, 'scanTree' | 'hashFiles'> = {
    scanTree: async (root, options) => {
      const scan = await real.scanTree(root, options);
      return {
        ...scan,
        entries: () => {
          looks.entries++;
          return scan.entries();
        },
      };
    },
    hashFiles: (root, paths) => {
      looks.hashed += paths.length;
      return real.hashFiles(root, paths);
    },
  };
  const { store, remove } = await makeStore();
  context.after(remove);
  const open = () => openContext({ directory, isKept: true, dockerfilePath: undefined, native, store });
  const request = { sources: ['a'], exclude: [], parents: false };
  // What has just changed is not remembered: a later change could have the same times.
  while (Date.now() < ctimeMs + 100) await new Promise(resolve => setTimeout(resolve, 10));
  const first = await open();
  assert.equal(await first.knownDigest(request), undefined);
  const [entry] = await first.hash(await first.tree('/a'));
  assert.equal(entry?.sha256?.length, 64);
  first.rememberDigest(request, 'digest');
  await first.save();
  assert.deepEqual(looks, { entries: 1, hashed: 1 });

  const second = await open();
  assert.equal(await second.knownDigest(request), 'digest');
  assert.equal(await second.knownDigest({ ...request, exclude: ['file'] }), undefined);
  assert.equal(await second.isUnchanged(['/a/file']), true);
  assert.deepEqual(looks, { entries: 1, hashed: 1 });

  writeFileSync(join(directory, '.dockerignore'), 'nothing\n');
  assert.equal(await (await open()).knownDigest(request), undefined);
  writeFileSync(join(directory, 'a/file'), 'changed');
  assert.equal(await (await open()).knownDigest(request), undefined);
});

test('a fetched context is known by its contents', { skip }, async () => {
  const build = testBuild(bench);
  const archive = join(build.directory, 'context.tar');
  const run = async (content: string) => {
    writeFileSync(archive, tarOf({ 'src/file': content }));
    const { signal } = new AbortController();
    const fetched = await bench.engine.builder.fetchContext({ kind: 'file', path: archive }, { signal });
    try {
      const outcome = await build.run(dockerfile, { contextDirectory: fetched.directory });
      return outcome.hits;
    } finally {
      await fetched.remove();
    }
  };
  assert.equal(await run('one'), 'm');
  assert.equal(await run('two'), 'm');
  assert.equal(await run('one'), 'H');
});
