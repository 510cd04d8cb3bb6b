import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { pullImage } from '../../server/engine/image/registry/pull.ts';
import type { PullProgress } from '../../server/engine/image/types.ts';
import { loadNative } from '../../server/engine/native.ts';
import { openStore, type Store } from '../../server/engine/store/store.ts';
import { makeSandbox, type Sandbox } from '../runtime/support/sandbox.ts';
import { openImages, type SampleImage, sampleImage, tarOf } from './image-support.ts';
import {
  type Fault,
  type FaultProxy,
  freePort,
  push,
  pushManifest,
  skipWithoutRegistry,
  startFaultProxy,
  startRegistry,
  type TestRegistry,
} from './registry-support.ts';
import { dist, sha256 } from './store-support.ts';

/** Big enough that a connection can be cut within. */
const bigLayer = tarOf({ big: randomBytes(3_000_000) });
const image = sampleImage([tarOf({ 'bin/': undefined, 'bin/sh': '#!' }), bigLayer, tarOf({ 'etc/x': 'x' })]);

describe('pull', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let pushed: Awaited<ReturnType<typeof push>>;
  let sandbox: Sandbox;
  let store: Store;
  let count = 0;
  let engine: ReturnType<typeof openImages>;

  before(async () => {
    sandbox = makeSandbox();
    registry = await startRegistry();
    pushed = await push(registry.address, { name: 'team/app', tag: '1', image });
  });
  after(async () => {
    await registry.stop();
    await sandbox.remove();
  });
  beforeEach(async () => {
    proxy = await startFaultProxy(registry.address);
    count += 1;
    store = await openStore({ root: join(sandbox.base, `store${count}`), locks: loadNative(dist) });
    engine = openImages(store, () => sandbox.runtime.openFs());
  });
  afterEach(async () => {
    await engine.snapshots.close();
    await proxy.stop();
  });

  const name = (tag = '1') => `${proxy.address}/team/app:${tag}`;
  const bigBlob = () => `/v2/team/app/blobs/${sha256(pushed.layers[1] as Buffer)}`;
  const blobRequests = () => proxy.seen.filter(one => one.path === bigBlob());
  /** The n-th request for the big layer gets the n-th fault, later ones none. */
  const breakBigLayer = (...faults: Fault[]) => {
    proxy.faultOf = one => (one.path === bigBlob() ? faults[blobRequests().length - 1] : undefined);
  };
  const fast = { attempts: 3, firstDelayMs: 1, longestDelayMs: 5 };
  const pullFast = (reference: string, options: object = {}) =>
    pullImage(engine.context, reference, { environment: {}, retry: fast, ...options });

  test('brings config, layers and both names', async () => {
    const progress: PullProgress[] = [];
    const pulled = await engine.images.pull(name(), { onProgress: one => progress.push(one) });
    assert.equal(pulled.id, image.id);
    assert.deepEqual(pulled.tags, [`${proxy.address}/team/app:1`]);
    assert.deepEqual(pulled.repoDigests, [`${proxy.address}/team/app@${pushed.digest}`]);
    const session = await sandbox.runtime.openFs();
    const rootfs = await session.mount({ lowers: await engine.snapshots.lowers(pulled.chainId) });
    assert.equal((await rootfs.readFile('/etc/x', 10))?.toString(), 'x');
    assert.equal((await rootfs.stat('/big'))?.size, 3_000_000);
    await session.close();
    assert.deepEqual(await store.blobs.read(pushed.digest), await manifestOf());
    const big = sha256(pushed.layers[1] as Buffer).slice(7, 19);
    const states = progress.filter(one => one.id === big).map(one => one.status);
    assert.deepEqual([...new Set(states)], ['waiting', 'downloading', 'verifying', 'extracting', 'done']);
    assert.equal(progress.at(-1)?.status, 'done');
    assert.deepEqual(await readdir(store.paths.tmp), []);
  });

  test('of what is here already asks only for the digest', async () => {
    await engine.images.pull(name(), {});
    proxy.seen.length = 0;
    const again = await engine.images.pull(name(), {});
    assert.equal(again.id, image.id);
    assert.deepEqual(
      proxy.seen.map(one => one.method),
      ['HEAD'],
    );
  });

  test('of a moved tag fetches only the new layers', async () => {
    await engine.images.pull(name(), {});
    const newer = sampleImage([...image.layers, tarOf({ new: 'layer' })]);
    await push(registry.address, { name: 'team/app', tag: 'moving', image });
    await engine.images.pull(name('moving'), {});
    await push(registry.address, { name: 'team/app', tag: 'moving', image: newer });
    proxy.seen.length = 0;
    assert.equal((await engine.images.pull(name('moving'), {})).id, newer.id);
    assert.equal(proxy.seen.filter(one => one.path.includes('/blobs/')).length, 2, 'config and one layer');
  });

  test('by digest verifies and names the digest alone', async () => {
    const pulled = await engine.images.pull(`${proxy.address}/team/app@${pushed.digest}`, {});
    assert.deepEqual(pulled.tags, []);
    assert.equal(pulled.repoDigests.length, 1);
    assert.equal((await engine.images.resolve(`${proxy.address}/team/app@${pushed.digest}`)).id, image.id);
  });

  test('of an index takes the image of the platform', async () => {
    const arm = sampleImage([tarOf({ arm: '' })], { architecture: 'arm', variant: 'v7' });
    const other = await push(registry.address, { name: 'team/app', tag: 'arm', image: arm });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const entry = (one: { digest: string; size: number }, platform: object) => ({
      mediaType,
      digest: one.digest,
      size: one.size,
      platform: { os: 'linux', ...platform },
    });
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        entry(other, { architecture: 'arm', variant: 'v7' }),
        entry(pushed, { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' }),
      ],
    };
    const manifest = Buffer.from(JSON.stringify(index));
    await pushManifest(registry.address, {
      name: 'team/app',
      reference: 'multi',
      manifest,
      type: index.mediaType,
    });
    const pulled = await engine.images.pull(name('multi'), {});
    assert.equal(pulled.id, image.id);
    assert.deepEqual(pulled.repoDigests, [`${proxy.address}/team/app@${sha256(manifest)}`]);
    const platform = { os: 'linux', architecture: 'arm' };
    assert.equal((await engine.images.pull(name('multi'), { platform })).id, arm.id);
    await assert.rejects(
      engine.images.pull(name('multi'), { platform: { os: 'linux', architecture: 's390x' } }),
      {
        code: 'not-found',
        message: /no image for linux\/s390x, only for linux\/arm\/v7, linux\//,
      },
    );
  });

  test('goes on after a cut where it was', async () => {
    breakBigLayer({ cutAfter: 1_000_000 }, { cutAfter: 1_000_000 });
    await pullFast(name());
    const ranges = blobRequests().map(one => one.range);
    assert.equal(ranges[0], undefined);
    assert.match(ranges[1] ?? '', /^bytes=\d+-$/);
    assert.equal(ranges.length, 3);
  });

  test('begins again when the registry ignores the range', async () => {
    breakBigLayer({ cutAfter: 1_000_000 }, { stripRange: true });
    await pullFast(name());
    assert.equal(blobRequests().length, 2);
  });

  test('that fails keeps what arrived for the next one', async () => {
    const cut = { cutAfter: 1_000_000 };
    const reset = { cutAfter: 0 };
    breakBigLayer(cut, reset, reset, reset, reset);
    await assert.rejects(pullFast(name()), { code: 'registry-unreachable' });
    const kept = (await readdir(store.paths.tmp)).filter(one => one.includes('.partial'));
    assert.equal(kept.length, 1);
    assert.deepEqual(await engine.images.list(), []);
    proxy.faultOf = () => undefined;
    proxy.seen.length = 0;
    await pullFast(name());
    assert.match(blobRequests()[0]?.range ?? '', /^bytes=\d{4,}-$/);
    assert.deepEqual(await readdir(store.paths.tmp), []);
  });

  test('tries again after 5xx and 429 as the registry says', async () => {
    breakBigLayer({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } });
    await pullFast(name());
    assert.equal(blobRequests().length, 3);
    proxy.faultOf = one => (one.path.includes('/manifests/') ? { status: 429 } : undefined);
    await assert.rejects(pullFast(name('other')), { code: 'registry-refused', hint: /limits/ });
  });

  test('of a damaged layer is refused and keeps none of it', async () => {
    breakBigLayer({ flipAt: 2_000_000 });
    await assert.rejects(pullFast(name()), { code: 'image-invalid', message: /damaged/ });
    assert.equal(await store.blobs.size(sha256(pushed.layers[1] as Buffer)), undefined);
    assert.deepEqual((await readdir(store.paths.tmp)).length, 0);
    assert.deepEqual(await engine.images.list(), []);
  });

  test('of a layer that is damaged in what an earlier pull left begins anew', async () => {
    breakBigLayer({ flipAt: 100, cutAfter: 1_000_000 }, { cutAfter: 0 }, { cutAfter: 0 }, { cutAfter: 0 });
    await assert.rejects(pullFast(name()), { code: 'registry-unreachable' });
    proxy.faultOf = () => undefined;
    assert.equal(await pullFast(name()), image.id);
  });

  test('of a manifest that is not what its digest says is refused', async () => {
    proxy.faultOf = one => (one.path.includes('/manifests/') ? { flipAt: 20 } : undefined);
    await assert.rejects(pullFast(name()), { code: 'image-invalid', message: /manifest of team\/app:1/ });
  });

  test('from a registry that goes silent ends in time', async () => {
    breakBigLayer({ stallAfter: 0 }, { stallAfter: 0 }, { stallAfter: 0 });
    const timeouts = { connectMs: 5_000, idleMs: 200 };
    await assert.rejects(pullFast(name(), { timeouts }), {
      code: 'registry-unreachable',
      message: /stopped answering/,
    });
  });

  test('from a port that never speaks fails after the time for connecting, once', async () => {
    let connections = 0;
    const mute = createServer(() => {
      connections += 1;
    });
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const timeouts = { connectMs: 100, idleMs: 10_000 };
    await assert.rejects(pullFast(`127.0.0.1:${port}/a`, { timeouts }), {
      code: 'registry-unreachable',
      message: /in time/,
    });
    assert.equal(connections, 1);
    mute.close();
  });

  test('that is cancelled leaves only whole layers and resumable parts', async () => {
    const stop = new AbortController();
    proxy.faultOf = one => {
      if (one.path !== bigBlob()) return undefined;
      setImmediate(() => stop.abort());
      return { stallAfter: 0 };
    };
    await assert.rejects(pullFast(name(), { signal: stop.signal }), { code: 'cancelled' });
    assert.deepEqual(await engine.images.list(), []);
    assert.deepEqual(await readdir(store.paths.active), []);
    await assert.rejects(pullFast(name(), { signal: AbortSignal.abort() }), { code: 'cancelled' });
  });

  test('of an unknown name or tag says so', async () => {
    await assert.rejects(pullFast(name('none')), { code: 'not-found', message: /team\/app:none/ });
    await assert.rejects(pullFast(`${proxy.address}/nobody:1`), { code: 'not-found' });
    await assert.rejects(pullFast('Bad'), { code: 'invalid-argument' });
  });

  test('from a port where nobody listens fails at once', async () => {
    const begun = Date.now();
    const port = await freePort();
    await assert.rejects(engine.images.pull(`127.0.0.1:${port}/a`, {}), {
      code: 'registry-unreachable',
      message: new RegExp(`127\\.0\\.0\\.1:${port}.*refused`),
    });
    assert.ok(Date.now() - begun < 2000);
  });

  test('of something that is no image says what it is', async () => {
    const config = {
      mediaType: 'application/vnd.cncf.helm.config.v1+json',
      digest: image.id,
      size: image.config.length,
    };
    const layer = pushed.layers[0] as Buffer;
    const chart = {
      mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      digest: sha256(layer),
      size: layer.length,
    };
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: [chart] }),
    );
    await pushManifest(registry.address, { name: 'team/app', reference: 'chart', manifest, type });
    await assert.rejects(pullFast(name('chart')), {
      code: 'image-invalid',
      message: /not a container image/,
    });
  });

  test('of a layer whose diffID is wrong is refused', async () => {
    const lying: SampleImage = sampleImage([tarOf({ a: 'a' })], {
      rootfs: { type: 'layers', diff_ids: [sha256('another')] },
    });
    await push(registry.address, { name: 'team/lying', tag: '1', image: lying });
    await assert.rejects(pullFast(`${proxy.address}/team/lying:1`), {
      code: 'image-invalid',
      message: /diffID/,
    });
    assert.deepEqual(await engine.snapshots.list(), []);
  });

  test('follows a redirect to another host without the credentials', async () => {
    const elsewhere = await startFaultProxy(registry.address);
    try {
      proxy.faultOf = one =>
        one.path === bigBlob()
          ? { status: 307, headers: { location: `http://${elsewhere.address}${one.path}` } }
          : undefined;
      await pullFast(name());
      assert.equal(elsewhere.seen.length, 1);
      assert.equal(elsewhere.seen[0]?.authorization, undefined);
    } finally {
      await elsewhere.stop();
    }
  });

  async function manifestOf(): Promise<Buffer> {
    const response = await fetch(`http://${registry.address}/v2/team/app/manifests/${pushed.digest}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    return Buffer.from(await response.arrayBuffer());
  }

  test('unpacks the very bytes that were pushed', async () => {
    await pullFast(name());
    const big = sha256(pushed.layers[1] as Buffer);
    const stored: Uint8Array[] = [];
    for await (const chunk of store.blobs.open(big)) stored.push(chunk);
    assert.deepEqual(gunzipSync(Buffer.concat(stored)), bigLayer);
  });
});
