import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openEngine } from '../../server/engine/engine.ts';
import { dist } from './store-support.ts';
import { engineUnavailable, isRoot, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

test('opening and listing start no helper', { skip }, async () => {
  const base = mkdtempSync(join(tmpdir(), 'sp-'));
  const options = {
    root: join(base, 'root'),
    run: join(base, 'run'),
    nativeDirectory: dist,
    log: assert.fail,
  };
  const engine = await openEngine(options);
  assert.deepEqual(await engine.containers.list({ all: true }), []);
  assert.deepEqual(await engine.images.list(), []);
  assert.deepEqual(await engine.volumes.list(), []);
  assert.equal((await engine.surveyNetworks()).found.length, 3);
  await engine.close();
  assert.ok(!existsSync(join(base, 'run', 'holder.sock')));
  assert.deepEqual(await readdir(join(base, 'run', 'servers')), []);
  await rm(base, { recursive: true });
});

test('the engine says what it runs on', { skip }, async () => {
  const info = await bench.engine.info();
  assert.equal(info.root, bench.root);
  assert.equal(info.host.rootless, !isRoot);
  assert.match(info.kernel, /^\d+\.\d+/);
  assert.ok(info.cpus > 0 && info.memoryBytes > 0);
  assert.ok(['v1', 'v2', 'hybrid', 'none'].includes(info.cgroup.version));
});

test('the networks are docker’s three', { skip }, async () => {
  const { found: networks } = await bench.engine.surveyNetworks();
  assert.deepEqual(
    networks.map(network => [network.name, network.driver]),
    [
      ['bridge', 'bridge'],
      ['host', 'host'],
      ['none', 'none'],
    ],
  );
  for (const { id } of networks) assert.match(id, /^[0-9a-f]{64}$/);
  assert.match(networks[0]?.subnet ?? '', /^\d+\.\d+\.\d+\.0\/\d+$/);
});

test('an image that a container uses is not collected, and is refused to rmi', { skip }, async () => {
  const { images, containers } = bench.engine;
  const { id } = await containers.create({ image: 'busybox', network: 'none', command: ['true'] });
  const usedBy = async (image: string) =>
    (await containers.list({ all: true })).filter(one => one.image.id === image).map(one => one.name);
  await assert.rejects(images.remove('busybox', { force: false, usedBy }), { code: 'conflict' });
  await images.remove('busybox', { force: true, usedBy });
  await containers.start(id);
  assert.equal(await containers.wait(id), 0);
});
