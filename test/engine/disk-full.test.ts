import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { openEngine } from '../../server/engine/engine.ts';
import type { Engine } from '../../server/engine/types.ts';
import { testBuild } from './build-bench.ts';
import { sampleImage, tarOf } from './image-support.ts';
import { push, skipWithoutRegistry, startRegistry } from './registry-support.ts';
import { dist } from './store-support.ts';
import { engineUnavailable, importBusybox, isRoot, openTestEngine, type TestEngine } from './support.ts';

const skip = engineUnavailable() ?? (!isRoot && 'a small file system can be mounted by root only');

let bench: TestEngine;
let engine: Engine;
let small = '';
before(async () => {
  if (skip) return;
  bench = await openTestEngine();
  small = join(bench.base, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small]);
  engine = await openEngine({
    root: join(small, 'root'),
    run: join(bench.base, 'run2'),
    nativeDirectory: dist,
    idleSeconds: 1,
    log: () => undefined,
  });
  await importBusybox(engine);
});
after(async () => {
  if (skip) return;
  for (const { id } of await engine.containers.list({ all: true }))
    await engine.containers.remove(id, { force: true });
  await engine.close();
  execFileSync(join(dist, 'sampan-init'), ['dismiss', join(bench.base, 'run2')]);
  execFileSync('umount', ['-l', small]);
  await bench.close();
});

/** Leaves not one byte free beside `spare`; gives the way to make room. */
function fill(spare = 0): () => void {
  const path = join(small, 'filling');
  const reserve = join(small, 'spare');
  writeFileSync(reserve, Buffer.alloc(spare));
  const file = openSync(path, 'w');
  for (const size of [1 << 20, 1 << 12, 1]) {
    const block = Buffer.alloc(size);
    try {
      while (writeSync(file, block) > 0);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
  closeSync(file);
  rmSync(reserve);
  return () => rmSync(path);
}

test('a container that ends on a full disk keeps its exit code', { skip }, async () => {
  const go = join(bench.base, 'go');
  mkdirSync(go);
  const { id } = await engine.containers.create({
    image: 'busybox',
    network: 'none',
    command: ['sh', '-c', 'until [ -e /go/now ]; do sleep 0.02; done; exit 3'],
    mounts: [{ type: 'bind', source: go, target: '/go', readOnly: true, options: [], createSource: false }],
  });
  await engine.containers.start(id);
  const makeRoom = fill();
  writeFileSync(join(go, 'now'), '');
  assert.equal(await engine.containers.wait(id), 3);
  const { status, exitCode, error, finishedAt } = await engine.containers.get(id);
  assert.deepEqual([status, exitCode, error], ['exited', 3, undefined]);
  assert.ok(finishedAt !== undefined);
  makeRoom();
  await engine.containers.remove(id);
});

/** Fails for want of space while the disk is nearly full, leaves nothing in the way, and works once there is room. */
async function needsRoom(act: () => Promise<unknown>, message = /no space|No space/): Promise<void> {
  const makeRoom = fill(200_000);
  const before = await engine.images.list();
  await assert.rejects(act, error => {
    assert.ok(isSampanError(error), String(error));
    assert.notEqual(error.code, 'internal');
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(await engine.images.list(), before);
  assert.deepEqual((await engine.images.survey()).damaged, []);
  makeRoom();
  await act();
}

test('a COPY that the disk has no room for', { skip }, async () => {
  const build = testBuild({ ...bench, engine }, { big: 'x'.repeat(4_000_000) });
  await needsRoom(() => build.run('FROM busybox\nCOPY big /\n', { tags: ['copied'] }));
  await engine.images.remove('copied', { force: true, usedBy: async () => [] });
});

test('a RUN that fills the disk', { skip }, async () => {
  const build = testBuild({ ...bench, engine });
  const dockerfile = 'FROM busybox\nRUN head -c 4000000 /dev/zero > /big\n';
  await needsRoom(() => build.run(dockerfile, { tags: ['ran'] }), /exit code|did not complete/);
  await engine.images.remove('ran', { force: true, usedBy: async () => [] });
});

test('an archive that the disk has no room for', { skip }, async () => {
  const archive = tarOf({ 'big.bin': Buffer.alloc(4_000_000, 7) });
  const importIt = () =>
    engine.images.import(
      (async function* () {
        yield archive;
      })(),
      { tags: ['imported'] },
    );
  await needsRoom(importIt);
  await engine.images.remove('imported', { force: true, usedBy: async () => [] });
});

test('a pull that the disk has no room for', { skip: skip || skipWithoutRegistry }, async t => {
  const registry = await startRegistry();
  t.after(() => registry.stop());
  const image = sampleImage([tarOf({ 'big.bin': randomBytes(4_000_000) })]);
  await push(registry.address, { name: 'big', tag: '1', image });
  await needsRoom(() => engine.images.pull(`${registry.address}/big:1`, {}));
  await engine.images.remove(`${registry.address}/big:1`, { force: true, usedBy: async () => [] });
});

test('creating and starting a container on a full disk', { skip }, async () => {
  const options = { image: 'busybox', network: 'none', command: ['true'] } as const;
  const ready = await engine.containers.create(options);
  const makeRoom = fill();
  const full = { code: 'disk-full' };
  await assert.rejects(engine.containers.create(options), full);
  await assert.rejects(engine.containers.start(ready.id), full);
  makeRoom();
  assert.deepEqual(
    (await engine.containers.list({ all: true })).map(one => one.id),
    [ready.id],
  );
  await engine.containers.start(ready.id);
  assert.equal(await engine.containers.wait(ready.id), 0);
  await engine.containers.remove(ready.id);
});

test('a container is removed on a full disk, which makes room', { skip }, async () => {
  const { id } = await engine.containers.create({
    image: 'busybox',
    network: 'none',
    command: ['sh', '-c', 'head -c 30000000 /dev/zero > /big; exit 5'],
  });
  await engine.containers.start(id);
  assert.equal(await engine.containers.wait(id), 5);
  await engine.containers.remove(id);
  await engine.containers.remove((await engine.containers.create({ image: 'busybox' })).id);
});
