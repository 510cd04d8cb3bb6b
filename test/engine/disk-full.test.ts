import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openEngine } from '../../server/engine/engine.ts';
import type { Engine } from '../../server/engine/types.ts';
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

/** Leaves not one byte free; gives the way to make room. */
function fill(): () => void {
  const path = join(small, 'filling');
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
