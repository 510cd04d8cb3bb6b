import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BuildEvent, BuildOptions } from '../../server/engine/build/types.ts';
import { type TestBuild, testBuild } from './build-bench.ts';
import { engineUnavailable, importBusybox, openTestEngine, type TestEngine } from './support.ts';

const skip = engineUnavailable() ?? false;
let bench: TestEngine;
before(async () => {
  if (!skip) bench = await openTestEngine();
});
after(() => bench?.close());

/** `RUN make: miss, the file a changed`, for each step in the order of the plan. */
function told(events: readonly BuildEvent[]): readonly string[] {
  const names = new Map(
    events.flatMap(event =>
      event.kind === 'plan' ? event.steps.map(step => [step.id, step.name] as const) : [],
    ),
  );
  const explained = new Map(
    events.flatMap(event => (event.kind === 'explain' ? [[event.step, event] as const] : [])),
  );
  return [...names].flatMap(([id, name]) => {
    const event = explained.get(id);
    if (!event) return [];
    const reasons = event.reasons.map(({ message }) => message);
    return [`${name.replace(/^\[[^\]]*\] /, '')}: ${[event.outcome, ...reasons].join(', ')}`];
  });
}

async function predicted(
  build: TestBuild,
  dockerfile: string,
  options: Partial<BuildOptions> = {},
): Promise<{ readonly told: readonly string[]; readonly kinds: readonly string[] }> {
  const events: BuildEvent[] = [];
  const result = await bench.engine.builder.build({
    contextDirectory: build.directory,
    dockerfile: { path: join(build.directory, 'Dockerfile'), text: dockerfile },
    tags: ['never:1'],
    network: 'none',
    ...options,
    dryRun: true,
    onProgress: event => events.push(event),
  });
  assert.equal(result.image, undefined);
  assert.equal(await bench.engine.images.find('never:1'), undefined);
  return { told: told(events), kinds: [...new Set(events.map(({ kind }) => kind))] };
}

const base = 'FROM docker.io/library/busybox:latest';

test('a build explains what changed since the last one: a file, an ARG, a step before', {
  skip,
}, async () => {
  const build = testBuild(bench, { 'src/a.ts': '1', 'src/b.ts': '1' });
  const dockerfile =
    'FROM busybox\nARG VERSION\nWORKDIR /w\nCOPY src ./src\nRUN echo $VERSION\nRUN echo last\n';
  const run = async (version: string) =>
    told((await build.run(dockerfile, { buildArgs: { VERSION: version } })).events);
  const first = 'it was not built here before';
  assert.deepEqual(await run('1'), [
    `${base}: hit`,
    `WORKDIR /w: miss, ${first}`,
    'COPY src ./src: miss, it follows [2/5] WORKDIR /w, which is made anew',
    'RUN echo 1: miss, it follows [3/5] COPY src ./src, which is made anew',
    'RUN echo last: miss, it follows [4/5] RUN echo 1, which is made anew',
  ]);
  assert.ok((await run('1')).every(line => line.endsWith(': hit')));
  build.write({ 'src/a.ts': '2', 'src/c.ts': 'new' });
  assert.deepEqual((await run('1')).slice(2), [
    'COPY src ./src: miss, the file src/a.ts changed, the file src/c.ts is new',
    'RUN echo 1: miss, it follows [3/5] COPY src ./src, which is made anew',
    'RUN echo last: miss, it follows [4/5] RUN echo 1, which is made anew',
  ]);
  assert.deepEqual((await run('2')).slice(3), [
    'RUN echo 2: miss, ARG VERSION changed from 1 to 2',
    'RUN echo last: miss, it follows [4/5] RUN echo 2, which is made anew, ARG VERSION changed from 1 to 2',
  ]);
});

test('an explanation names what an instruction was, and which ARG is behind it', { skip }, async () => {
  const build = testBuild(bench, { 'app-1': 'x', 'app-2': 'x' });
  const run = async (text: string, buildArgs = {}) => told((await build.run(text, { buildArgs })).events);
  const copy = 'FROM busybox\nARG V\nCOPY app-$V /app\n';
  await run(copy, { V: '1' });
  assert.deepEqual((await run(copy, { V: '2' })).slice(1), [
    'COPY app-2 /app: miss, the instruction changed from "COPY app-1 /app" to "COPY app-2 /app", ARG V changed from 1 to 2, the file app-1 is gone, the file app-2 is new',
  ]);
  await run('FROM busybox\nENV A=1\nRUN echo a\nRUN echo b\n');
  assert.deepEqual((await run('FROM busybox\nENV A=2\nRUN echo a\nRUN echo b\n')).slice(1), [
    'RUN echo a: miss, ENV A changed from 1 to 2',
    'RUN echo b: miss, it follows [2/3] RUN echo a, which is made anew, ENV A changed from 1 to 2',
  ]);
  assert.deepEqual((await run('FROM busybox\nENV A=2\nRUN echo a\nRUN echo new\nRUN echo b\n')).slice(1), [
    'RUN echo a: hit',
    'RUN echo new: miss, the instruction is new',
    'RUN echo b: miss, it follows [3/4] RUN echo new, which is made anew',
  ]);
});

test('a base image that moved is named with both IDs', { skip }, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM moving\nRUN echo on it\n';
  const before = await bench.engine.images.resolve('busybox');
  await bench.engine.images.tag(before.id, 'moving');
  await build.run(dockerfile);
  await importBusybox(bench.engine, [{ name: 'etc/moved', content: '1' }]);
  const moved = await bench.engine.images.resolve('busybox');
  await bench.engine.images.tag(moved.id, 'moving');
  await bench.engine.images.tag(before.id, 'busybox');
  const reason = `base image docker.io/library/moving:latest moved from ${before.id.slice(7, 19)} to ${moved.id.slice(7, 19)}`;
  assert.deepEqual(told((await build.run(dockerfile)).events), [
    `FROM docker.io/library/moving:latest: miss, ${reason}`,
    `RUN echo on it: miss, ${reason}`,
  ]);
});

test('a result that was pruned, and a cache that is not asked, are reasons of their own', {
  skip,
}, async () => {
  const build = testBuild(bench);
  const dockerfile = 'FROM busybox\nRUN echo pruned\n';
  await build.run(dockerfile);
  const cache = join(bench.root, 'cache');
  for (const name of readdirSync(cache))
    if (name.startsWith('step-') && readFileSync(join(cache, name), 'utf8').includes('echo pruned'))
      rmSync(join(cache, name));
  const gone = 'its earlier result is not in the cache any more';
  assert.deepEqual(told((await build.run(dockerfile)).events).slice(1), [`RUN echo pruned: miss, ${gone}`]);
  assert.deepEqual(told((await build.run(dockerfile, { noCache: true })).events).slice(1), [
    'RUN echo pruned: miss, the cache was not to be used',
  ]);
});

test('a step that fails stays explained by its last good result', { skip }, async () => {
  const build = testBuild(bench, { a: '1' });
  const dockerfile = 'FROM busybox\nRUN --mount=target=/c test "$(cat /c/a)" != 2\n';
  await build.run(dockerfile);
  build.write({ a: '2' });
  await assert.rejects(build.run(dockerfile));
  build.write({ a: '3' });
  const [, run] = told((await build.run(dockerfile)).events);
  assert.match(run ?? '', /: miss, the file a changed$/);
});

test('a context of very many files is explained by folder, in a record of bounded size', {
  skip,
}, async () => {
  const files = Array.from({ length: 3000 }, (_, index) => `some/long/folder-${index % 30}/file-${index}`);
  const build = testBuild(bench, Object.fromEntries(files.map(name => [name, name])));
  const dockerfile = 'FROM busybox\nCOPY some /some\n';
  await build.run(dockerfile);
  build.write({ 'some/long/folder-7/file-7': 'changed' });
  const [, copy] = told((await build.run(dockerfile)).events);
  assert.equal(copy, 'COPY some /some: miss, something in the folder some/long/folder-7 changed');
  for (const name of readdirSync(join(bench.root, 'cache')).filter(one => one.startsWith('trace-')))
    assert.ok(readFileSync(join(bench.root, 'cache', name)).length < 100_000);
});

test('a dry run predicts what a build then does, and runs nothing', { skip }, async () => {
  const build = testBuild(bench, { a: '1', b: '1' });
  const dockerfile =
    'FROM busybox AS made\nCOPY a /a\nRUN cp /a /out\nFROM busybox\nCOPY b /b\nCOPY --from=made /out /o\nRUN cat /o\n';
  await build.run(dockerfile);
  const { told: same, kinds } = await predicted(build, dockerfile);
  assert.ok(same.every(line => line.endsWith(': hit')));
  assert.deepEqual([...kinds].sort(), ['explain', 'plan']);
  build.write({ b: '2' });
  const changed = await predicted(build, dockerfile);
  const built = told((await build.run(dockerfile)).events);
  assert.deepEqual(changed.told, built);
  build.write({ a: '2' });
  assert.deepEqual((await predicted(build, dockerfile)).told, [
    `${base}: hit`,
    'COPY b /b: hit',
    'COPY a /a: miss, the file a changed',
    'RUN cp /a /out: miss, it follows [made 2/3] COPY a /a, which is made anew',
    'COPY --from=made /out /o: unknown, it depends on what [made 3/3] RUN cp /a /out makes',
    'RUN cat /o: unknown, it follows [stage-1 3/4] COPY --from=made /out /o, which is perhaps made anew',
  ]);
});

test('a dry run says which base image is not here, and fails where a build would', { skip }, async () => {
  const build = testBuild(bench);
  const absent = '127.0.0.1:1/absent:1';
  assert.deepEqual((await predicted(build, `FROM ${absent}\nRUN true\n`)).told, [
    `FROM ${absent}: unknown, the image would be fetched first`,
    'RUN true: unknown, it follows an image that is not here',
  ]);
  await assert.rejects(predicted(build, 'FROM busybox\nCOPY nothing /\n'), { code: 'not-found' });
});
