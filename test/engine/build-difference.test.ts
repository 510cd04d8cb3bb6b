import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { chainIdsOf } from '../../server/engine/snapshot/chain.ts';
import { storePaths } from '../../server/engine/store/paths.ts';
import { type Outcome, type TestBuild, testBuild } from './build-bench.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const second = 1_600_000_000;
const copy = 'FROM busybox\nRUN mkdir -p /app/d0 && echo below >/app/d0/below\nCOPY . /app\n';

/** A context of sixty files in six folders, of one time, and its first build. No two are equal. */
async function sixtyFiles(): Promise<TestBuild> {
  const build = testBuild(bench);
  for (let n = 0; n < 60; n++) put(build, `d${n % 6}/f${n}`, `content ${n}`);
  put(build, 'd5/name', build.directory);
  assert.match((await build.run(copy)).hits, /m$/);
  return build;
}

function put({ directory }: TestBuild, path: string, content: string): void {
  const target = join(directory, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  date(directory, path);
}

function remove({ directory }: TestBuild, path: string): void {
  rmSync(join(directory, path), { recursive: true, force: true });
  date(directory, path);
}

/** Times are part of a layer: those of an entry and of the folders that its change touched. */
function date(directory: string, path: string): void {
  for (let at = path; ; at = dirname(at)) {
    try {
      utimesSync(join(directory, at), second, second);
    } catch {
      // Removed, or a link that leads nowhere.
    }
    if (at === '.') return;
  }
}

/** How many directories the layer of the COPY, the last but `above`, is made of. */
function directoriesOf({ image }: Outcome, above = 0): number {
  const chainId = chainIdsOf(image.config.rootfs.diff_ids).at(-1 - above);
  assert.ok(chainId);
  const record = JSON.parse(readFileSync(storePaths(bench.root).layer(chainId), 'utf8'));
  return 1 + (record.under ?? []).length;
}

/** The build as it is without knowledge of earlier copies; that knowledge is kept for the next. */
async function wholeBuild(build: TestBuild): Promise<Outcome> {
  const { cache } = storePaths(bench.root);
  const records = readdirSync(cache).filter(name => name.startsWith('tree-'));
  const kept = new Map(records.map(name => [name, readFileSync(join(cache, name))]));
  for (const name of records) rmSync(join(cache, name));
  const outcome = await build.run(copy, { noCache: true });
  for (const [name, content] of kept) writeFileSync(join(cache, name), content);
  return outcome;
}

async function assertLikeWhole(build: TestBuild, outcome: Outcome): Promise<void> {
  const whole = await wholeBuild(build);
  assert.equal(outcome.image.config.rootfs.diff_ids.at(-1), whole.image.config.rootfs.diff_ids.at(-1));
}

test('a changed file makes a layer that is a difference, with the digest of a whole copy', {
  skip,
}, async () => {
  const build = await sixtyFiles();
  put(build, 'd1/f1', 'changed');
  const changed = await build.run(copy);
  assert.equal(changed.hits, 'Hm');
  assert.equal(directoriesOf(changed), 2);
  await assertLikeWhole(build, changed);
  const again = await build.run(copy);
  assert.equal(again.hits, 'HH');
  const ran = await build.run(`${copy}RUN cat /app/d1/f1 /app/d0/below /app/d1/f7\n`);
  assert.equal(ran.output, 'changedbelow\ncontent 7');
});

test('differences do not pile up, and more than half makes a new whole layer', { skip }, async () => {
  const build = await sixtyFiles();
  for (const round of ['one', 'two', 'three', 'four']) {
    put(build, `d2/${round}`, round);
    const outcome = await build.run(copy);
    assert.equal(directoriesOf(outcome), 2);
    await assertLikeWhole(build, outcome);
  }
  for (let n = 0; n < 40; n++) put(build, `d${n % 6}/f${n}`, `other ${n}`);
  assert.equal(directoriesOf(await build.run(copy)), 1);
  put(build, 'd3/last', 'last');
  assert.equal(directoriesOf(await build.run(copy)), 2);
});

test('what is removed is gone, and what it hid below comes back', { skip }, async () => {
  const build = await sixtyFiles();
  put(build, 'd0/below', 'above');
  put(build, 'd4/new/deep/file', 'deep');
  await build.run(copy);
  remove(build, 'd4/new');
  remove(build, 'd5/f5');
  const removed = await build.run(copy);
  assert.equal(directoriesOf(removed), 2);
  await assertLikeWhole(build, removed);
  const other = await sixtyFiles();
  put(other, 'd0/below', 'above');
  for (let n = 0; n < 60; n++) put(other, `d${n % 6}/f${n}`, `other ${n}`);
  assert.equal(directoriesOf(await other.run(copy)), 1);
  remove(other, 'd0/below');
  const restored = await other.run(`${copy}RUN cat /app/d0/below\n`);
  assert.equal(restored.output, 'below\n');
  assert.equal(directoriesOf(restored, 1), 1);
});

test('a directory that is new or empty gets the same layer as one with something in it', {
  skip,
}, async () => {
  const build = testBuild(bench);
  for (let n = 0; n < 40; n++) put(build, `d${n % 3}/f${n}`, `content ${n}`);
  const layerOf = async (below: string) => {
    const outcome = await build.run(`FROM busybox\nRUN ${below}\nCOPY --chown=7:8 . /a/b\n`);
    return outcome.image.config.rootfs.diff_ids.at(-1);
  };
  const made = 'mkdir -m 711 -p /a/b && touch -d @1600000000 /a';
  const full = await layerOf(`${made} && touch /a/b/other`);
  assert.equal(await layerOf(made), full);
  const linked = await build.run(
    'FROM busybox\nRUN mkdir /real && ln -s real /a\nCOPY . /a/b\nRUN find /real/b -type f | wc -l\n',
  );
  assert.equal(linked.output, '40\n');
});

test('a saved image has the one layer', { skip }, async () => {
  const build = await sixtyFiles();
  put(build, 'd1/f1', 'changed');
  remove(build, 'd1/f7');
  const { image } = await build.run(copy, { tags: ['difference:1'] });
  assert.equal(directoriesOf({ image } as Outcome), 2);
  const pieces: Buffer[] = [];
  // Fails when the bytes do not have the digest that the config promises.
  await bench.engine.images.save(['difference:1'], chunk => void pieces.push(Buffer.from(chunk)), {
    format: 'oci-archive',
  });
  assert.ok(Buffer.concat(pieces).includes('changed'));
});

test('what is known of contexts and copies goes with the cache', { skip }, async () => {
  const build = await sixtyFiles();
  await bench.engine.pruneCache({ all: true });
  const names = readdirSync(storePaths(bench.root).cache);
  assert.deepEqual(
    names.filter(name => /^(?:fact|context|selections|tree)-/.test(name)),
    [],
  );
  put(build, 'd1/f1', 'changed');
  const whole = await build.run(copy);
  assert.equal(whole.hits, 'mm');
  assert.equal(directoriesOf(whole), 1);
});

test('the layer of an instruction on another rootfs is made whole', { skip }, async () => {
  const build = await sixtyFiles();
  put(build, 'd1/f1', 'changed');
  const other = await build.run(copy.replace('echo below', 'echo other'));
  assert.equal(directoriesOf(other), 1);
});

/** Changes of every kind, on few names so that they meet. */
const path = fc
  .tuple(
    fc.constantFrom('d0', 'd1', 'd1/sub', 'd2', 'fresh', 'fresh/deep'),
    fc.constantFrom('f1', 'f2', 'f8', 'x', 'sub'),
  )
  .map(([folder, name]) => `${folder}/${name}`);
const edit = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path, content: fc.string({ maxLength: 9 }) }),
  fc.record({ kind: fc.constantFrom('remove', 'folder', 'mode', 'time'), path }),
  fc.record({ kind: fc.constantFrom('symlink', 'hard link'), path, target: path }),
);

function apply(build: TestBuild, change: typeof edit extends fc.Arbitrary<infer T> ? T : never): void {
  const target = join(build.directory, change.path);
  try {
    if (change.kind === 'write' && 'content' in change) put(build, change.path, change.content);
    else if (change.kind === 'remove') remove(build, change.path);
    else if (change.kind === 'folder') mkdirSync(target, { recursive: true });
    else if (change.kind === 'mode') chmodSync(target, 0o700);
    else if (change.kind === 'time') utimesSync(target, second + 5, second + 5);
    else if (change.kind === 'symlink' && 'target' in change) symlinkSync(change.target, target);
    else if ('target' in change) linkSync(join(build.directory, change.target), target);
  } catch {
    // Not possible with what is there: then it is no change.
  }
  if (change.kind !== 'time') date(build.directory, change.path);
}

test('after any changes the digest is that of a whole copy', { skip }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      async rounds => {
        const build = await sixtyFiles();
        for (const changes of rounds) {
          for (const change of changes) apply(build, change);
          let outcome: Outcome;
          try {
            outcome = await build.run(copy);
          } catch (error) {
            // A file where the rootfs has a folder: so it is for the whole copy.
            await assert.rejects(wholeBuild(build), { message: (error as Error).message });
            continue;
          }
          // Times alone change nothing of what the cache knows: then the layer is the earlier one.
          if (outcome.hits.endsWith('m')) await assertLikeWhole(build, outcome);
        }
      },
    ),
    { numRuns: 12 },
  );
});
