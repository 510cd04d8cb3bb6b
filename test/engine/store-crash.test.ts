import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadNative } from '../../server/engine/native.ts';
import { layerRecord } from '../../server/engine/snapshot/records.ts';
import { listRecords } from '../../server/engine/store/records.ts';
import { openStore } from '../../server/engine/store/store.ts';
import { eventually, makeSandbox, type Sandbox } from '../runtime/support/sandbox.ts';
import { openImages, sampleImage, tarOf } from './image-support.ts';
import { push, skipWithoutRegistry, startFaultProxy, startRegistry } from './registry-support.ts';
import { dist, sha256 } from './store-support.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

async function openEngine(root: string) {
  const store = await openStore({ root, locks: loadNative(dist) });
  return { store, ...openImages(store, () => sandbox.runtime.openFs()) };
}

/**
 * A process with an engine of its own on the same store that runs `code` (with `store`, `engine`, `runtime`,
 * `tarOf` in reach) and is killed by the test.
 */
function startVictim(root: string, code: string): ChildProcess {
  const from = (path: string) => JSON.stringify(join(import.meta.dirname, path));
  const script = `
    import { HelperRuntime } from ${from('../../server/engine/runtime/client.ts')};
    import { loadNative } from ${from('../../server/engine/native.ts')};
    import { openStore } from ${from('../../server/engine/store/store.ts')};
    import { openImages, tarOf } from ${from('image-support.ts')};
    import { sha256, streamOf } from ${from('store-support.ts')};
    const options = ${JSON.stringify({ root: sandbox.root, run: sandbox.run, helper: join(dist, 'sampan-init'), idleSeconds: 1 })};
    const runtime = new HelperRuntime(options);
    const store = await openStore({ root: ${JSON.stringify(root)}, locks: loadNative(${JSON.stringify(dist)}) });
    const engine = openImages(store, () => runtime.openFs());
    ${code}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function kill(victim: ChildProcess): Promise<void> {
  victim.kill('SIGKILL');
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, 'exit');
}

/** What must hold after any crash and a recovery: every record has its files, and no file is without a record. */
async function assertClean(engine: Awaited<ReturnType<typeof openEngine>>): Promise<void> {
  const { paths } = engine.store;
  await engine.snapshots.recover(async () => false);
  await engine.snapshots.close();
  const layers = await listRecords(paths.layers, layerRecord);
  for (const layer of layers) assert.ok((await stat(paths.snapshotFiles(layer.snapshot))).isDirectory());
  const numbers = layers.map(layer => String(layer.snapshot)).sort();
  assert.deepEqual((await readdir(paths.snapshots)).sort(), numbers);
  assert.deepEqual(await readdir(paths.active), []);
  const images = await engine.images.list();
  for (const image of images) assert.ok(await engine.snapshots.lowers(image.chainId));
}

test('killed while it unpacks leaves nothing after a recovery', async () => {
  const root = join(sandbox.base, 'unpack');
  const victim = startVictim(
    root,
    `async function* endless() {
       yield tarOf({ 'dir/': undefined, 'dir/file': 'content' }).subarray(0, 1536);
       console.log('unpacking');
       await new Promise(resolve => setTimeout(resolve, 60_000));
     }
     const layer = { parent: undefined, diffId: sha256('never') };
     await engine.snapshots.apply(await runtime.openFs(), layer, endless());`,
  );
  await once(victim.stdout as NonNullable<typeof victim.stdout>, 'data');
  await kill(victim);
  const engine = await openEngine(root);
  assert.equal((await readdir(engine.store.paths.active)).length, 1);
  await assertClean(engine);
  assert.deepEqual(await readdir(engine.store.paths.snapshots), []);
});

test('killed at any moment of commits and tags leaves a store that is whole', async () => {
  const root = join(sandbox.base, 'commits');
  for (let round = 0; round < 6; round += 1) {
    const victim = startVictim(
      root,
      `const session = await runtime.openFs();
       for (let n = 0; ; n += 1) {
         const tar = tarOf({ ['file' + n]: '${round} ' + n });
         const image = await engine.images.import(streamOf(tar), { tags: ['looped'] });
         console.log(image.id);
         if (n % 3 === 2) await engine.images.remove('looped', { force: false, usedBy: async () => [] });
       }`,
    );
    const output = victim.stdout as NonNullable<typeof victim.stdout>;
    await once(output, 'data');
    // Another point of the loop each round, counted in what it did and not in time.
    for (let seen = 0; seen < round; seen += 1) await once(output, 'data');
    await kill(victim);
    await assertClean(await openEngine(root));
  }
});

test('killed in mid-pull goes on where it was', { skip: skipWithoutRegistry }, async () => {
  const root = join(sandbox.base, 'pull');
  const registry = await startRegistry();
  const proxy = await startFaultProxy(registry.address);
  try {
    const image = sampleImage([tarOf({ small: 'x' }), tarOf({ big: randomBytes(2_000_000) })]);
    const pushed = await push(registry.address, { name: 'app', tag: '1', image });
    const big = `/v2/app/blobs/${sha256(pushed.layers[1] as Buffer)}`;
    proxy.faultOf = one => (one.path === big ? { stallAfter: 1_000_000 } : undefined);
    const reference = `${proxy.address}/app:1`;
    const victim = startVictim(root, `await engine.images.pull(${JSON.stringify(reference)}, {});`);
    const engine = await openEngine(root);
    const { paths } = engine.store;
    await eventually('half of the layer is here', async () => {
      const names = (await readdir(paths.tmp)).filter(name => name.startsWith(big.slice(-64)));
      const sizes = await Promise.all(names.map(async name => (await stat(paths.temporary(name))).size));
      return sizes.some(size => size >= 900_000);
    });
    await kill(victim);
    proxy.faultOf = () => undefined;
    proxy.seen.length = 0;
    const pulled = await engine.images.pull(reference, {});
    assert.equal(pulled.id, image.id);
    const range = proxy.seen.find(one => one.path === big)?.range ?? '';
    assert.ok(Number(/bytes=(\d+)-/.exec(range)?.[1]) >= 900_000, range);
    await assertClean(engine);
    assert.deepEqual(await readdir(paths.tmp), []);
  } finally {
    await proxy.stop();
    await registry.stop();
  }
});

test('two processes that pull one image at once both have it', { skip: skipWithoutRegistry }, async () => {
  const root = join(sandbox.base, 'both');
  const registry = await startRegistry();
  try {
    const image = sampleImage([tarOf({ a: randomBytes(500_000) }), tarOf({ b: randomBytes(500_000) })]);
    await push(registry.address, { name: 'app', tag: '1', image });
    const reference = `${registry.address}/app:1`;
    const code = `
      const image = await engine.images.pull(${JSON.stringify(reference)}, {});
      await engine.snapshots.close();
      console.log(image.id);`;
    const pulls = [startVictim(root, code), startVictim(root, code), startVictim(root, code)];
    const ids = await Promise.all(
      pulls.map(async one => {
        const chunks: Buffer[] = [];
        one.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
        await once(one, 'close');
        return Buffer.concat(chunks).toString().trim();
      }),
    );
    assert.deepEqual(ids, [image.id, image.id, image.id]);
    const engine = await openEngine(root);
    await assertClean(engine);
    assert.equal((await engine.snapshots.list()).length, 2);
  } finally {
    await registry.stop();
  }
});
