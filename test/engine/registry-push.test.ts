import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { parseReference } from '../../server/common/reference.ts';
import { openRepository } from '../../server/engine/image/registry/client.ts';
import { pullImage } from '../../server/engine/image/registry/pull.ts';
import { pushImage } from '../../server/engine/image/registry/push.ts';
import type { PushProgress } from '../../server/engine/image/types.ts';
import { loadNative } from '../../server/engine/native.ts';
import { openStore } from '../../server/engine/store/store.ts';
import { makeSandbox, type Sandbox } from '../runtime/support/sandbox.ts';
import { openImages, type SampleImage, sampleImage, tarOf } from './image-support.ts';
import {
  type FaultProxy,
  push as pushSample,
  skipWithoutRegistry,
  startFaultProxy,
  startRegistry,
  type TestRegistry,
} from './registry-support.ts';
import { dist, sha256 } from './store-support.ts';

const fast = { attempts: 3, firstDelayMs: 1, longestDelayMs: 5 };

describe('push', { skip: skipWithoutRegistry }, () => {
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let sandbox: Sandbox;
  let engine: ReturnType<typeof openImages>;
  let progress: PushProgress[];

  before(async () => {
    sandbox = makeSandbox();
    registry = await startRegistry();
  });
  after(async () => {
    await registry.stop();
    await sandbox.remove();
  });
  beforeEach(async () => {
    proxy = await startFaultProxy(registry.address);
    engine = await freshEngine();
    progress = [];
  });
  afterEach(async () => {
    await engine.snapshots.close();
    await proxy.stop();
  });

  let count = 0;
  async function freshEngine() {
    count += 1;
    const store = await openStore({ root: join(sandbox.base, `store${count}`), locks: loadNative(dist) });
    return openImages(store, () => sandbox.runtime.openFs());
  }

  /** An image as a build makes it: layers that have files and no blob. */
  async function built(layers: readonly Buffer[], ...tags: string[]): Promise<SampleImage> {
    const image = sampleImage(layers);
    const session = await sandbox.runtime.openFs();
    let parent: string | undefined;
    for (const layer of layers) {
      const applied = await engine.snapshots.apply(
        session,
        { parent: parent as never, diffId: sha256(layer) as never },
        (async function* () {
          yield layer;
        })(),
      );
      parent = applied.chainId;
    }
    await session.close();
    await engine.images.create(image.config, { tags });
    return image;
  }

  const push = (reference: string, options: object = {}) =>
    pushImage(engine.context, reference, {
      environment: {},
      retry: fast,
      onProgress: one => progress.push(one),
      ...options,
    });
  const methods = () =>
    proxy.seen.map(one => `${one.method} ${one.path.replace(/[0-9a-f]{64}.*|(?<=uploads\/).*/, '…')}`);
  const states = () =>
    progress.filter(one => one.status !== 'preparing' && one.status !== 'pushing').map(one => one.status);
  const newLayer = () => tarOf({ [`file${count}`]: randomBytes(500_000) });

  test('sends packed layers and config, and the manifest last; who pulls it has the same image', async () => {
    const name = `${proxy.address}/made/app:1`;
    const image = await built([newLayer(), newLayer()], name);
    const pushed = await push(name);
    assert.deepEqual(states(), ['pushed', 'pushed']);
    assert.match(methods().at(-1) ?? '', /^PUT \/v2\/made\/app\/manifests\/1$/);
    const kept = await engine.images.resolve(name);
    assert.deepEqual(kept.repoDigests, [`${proxy.address}/made/app@${pushed.digest}`]);
    const other = await freshEngine();
    const pulled = await other.images.pull(name, {});
    assert.equal(pulled.id, image.id);
    assert.deepEqual(pulled.repoDigests, kept.repoDigests);
    await other.snapshots.close();
  });

  test('of what the repository has sends the manifest alone, and packs nothing', async () => {
    const name = `${proxy.address}/made/again:1`;
    await built([newLayer(), newLayer()], name);
    const { digest } = await push(name);
    for (const { digest } of await engine.context.store.blobs.list()) {
      if (((await engine.context.store.blobs.size(digest)) as number) > 100_000)
        await engine.context.store.blobs.remove(digest);
    }
    proxy.seen.length = 0;
    progress = [];
    assert.equal((await push(name)).digest, digest);
    assert.deepEqual(states(), ['exists', 'exists']);
    assert.deepEqual([...new Set(methods())].toSorted(), [
      'HEAD /v2/made/again/blobs/sha256:…',
      'PUT /v2/made/again/manifests/1',
    ]);
  });

  test('of an image that came from a registry keeps its digest and has its layers taken over', async () => {
    const image = sampleImage([newLayer(), newLayer()]);
    const source = await pushSample(registry.address, { name: 'team/base', tag: '1', image });
    const pulled = await engine.images.pull(`${proxy.address}/team/base:1`, {});
    await engine.images.tag(pulled.id, `${proxy.address}/mine/base:2`);
    proxy.seen.length = 0;
    const pushed = await push(`${proxy.address}/mine/base:2`);
    assert.equal(pushed.digest, source.digest);
    assert.deepEqual(states(), ['mounted', 'mounted']);
    assert.equal(progress.find(one => one.status === 'mounted')?.from, 'team/base');
    const uploads = proxy.seen.filter(one => one.method === 'PUT' && one.path.includes('/uploads/'));
    assert.equal(uploads.length, 1, 'the config alone');
  });

  test('sends layers with the same content once', async () => {
    const name = `${proxy.address}/made/twice:1`;
    const layer = newLayer();
    await built([layer, layer], name);
    await push(name);
    assert.equal(
      proxy.seen.filter(one => one.method === 'PUT').length,
      3,
      'a layer, the config, the manifest',
    );
  });

  test('begins an upload anew that broke off', async () => {
    const name = `${proxy.address}/made/broken:1`;
    const image = await built([newLayer()], name);
    let broken = 0;
    proxy.faultOf = one => {
      if (one.method !== 'PUT' || !one.path.includes('/uploads/') || broken === 2) return undefined;
      broken += 1;
      return { cutRequestAfter: 100_000 };
    };
    await push(name);
    assert.equal(broken, 2);
    const other = await freshEngine();
    const pulled = await pullImage(other.context, name, { environment: {}, retry: fast });
    assert.equal(pulled, image.id);
    await other.snapshots.close();
  });

  test('that keeps breaking off says so, and the tag does not appear', async () => {
    const name = `${proxy.address}/made/never:1`;
    await built([newLayer()], name);
    proxy.faultOf = one =>
      one.method === 'PUT' && one.path.includes('/uploads/') ? { cutRequestAfter: 1_000 } : undefined;
    await assert.rejects(push(name), error => isSampanError(error, 'registry-unreachable'));
    assert.equal(
      proxy.seen.some(one => one.path.includes('/manifests/')),
      false,
    );
  });

  test('that is not allowed says what is not taken', async () => {
    const name = `${proxy.address}/made/denied:1`;
    await built([newLayer()], name);
    proxy.faultOf = one =>
      one.method === 'POST'
        ? { status: 403, body: JSON.stringify({ errors: [{ code: 'DENIED', message: 'read only' }] }) }
        : undefined;
    await assert.rejects(push(name), (error: Error) => {
      assert.ok(isSampanError(error, 'unauthorized'));
      return /does not take the upload of sha256:[0-9a-f]{64} to made\/denied: .*read only/.test(
        error.message,
      );
    });
  });

  test('that is cancelled ends, and the tag does not appear', async () => {
    const name = `${proxy.address}/made/cancelled:1`;
    await built([newLayer()], name);
    const stop = new AbortController();
    proxy.faultOf = one => {
      if (one.method === 'PUT') stop.abort();
      return undefined;
    };
    await assert.rejects(push(name, { signal: stop.signal }), error => isSampanError(error, 'cancelled'));
    assert.equal(
      proxy.seen.some(one => one.path.includes('/manifests/')),
      false,
    );
  });

  test('with all sends every tag of the repository', async () => {
    const repository = `${proxy.address}/made/tags`;
    await built([newLayer()], `${repository}:1`, `${repository}:2`, `${proxy.address}/made/tags2:1`);
    const pushed = await engine.images.push(repository, { all: true });
    assert.deepEqual(
      pushed.map(one => one.reference),
      [`${repository}:1`, `${repository}:2`],
    );
  });

  test('refuses a digest, a name that is not here, and another platform', async () => {
    const name = `${proxy.address}/made/refused:1`;
    await built([newLayer()], name);
    await assert.rejects(
      push(`${proxy.address}/made/refused@${sha256('x')}`),
      /cannot push a digest reference/,
    );
    await assert.rejects(push(`${name}2`), /does not exist locally with the tag: .*made\/refused:12/);
    const platform = { os: 'linux', architecture: 's390x' };
    await assert.rejects(push(name, { platform }), /is for linux\/[a-z0-9]+, not for linux\/s390x/);
    await assert.rejects(engine.images.push(name, { all: true }), /tag cannot be given/);
    assert.deepEqual(proxy.seen, []);
  });
});

test('an upload on another host does not see the password', async () => {
  const seen: { host: string; authorization: string | undefined }[] = [];
  const listen = async (answer: (request: http.IncomingMessage, response: http.ServerResponse) => void) => {
    const server = http.createServer((request, response) => {
      seen.push({ host: request.headers.host ?? '', authorization: request.headers.authorization });
      request.resume().once('end', () => answer(request, response));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const storage = await listen((_request, response) => response.writeHead(201).end());
  const registry = await listen((request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else response.writeHead(202, { location: `http://${storage.address}/put` }).end();
  });
  const auths = { [registry.address]: { auth: Buffer.from('me:secret').toString('base64') } };
  const folder = makeSandbox();
  try {
    const file = join(folder.base, 'auth.json');
    await (await import('node:fs/promises')).writeFile(file, JSON.stringify({ auths }));
    const environment = {
      REGISTRY_AUTH_FILE: file,
      DOCKER_CONFIG: folder.base,
      XDG_CONFIG_HOME: folder.base,
    };
    const client = openRepository(parseReference(`${registry.address}/app`), {
      environment,
      retry: fast,
      actions: 'pull,push',
    });
    const content = Buffer.from('content');
    const blob = { digest: sha256(content) as never, size: content.length };
    const pushed = await client.pushBlob(blob, {
      content: async function* () {
        yield content;
      },
    });
    client.close();
    assert.equal(pushed, 'pushed');
    assert.deepEqual(
      seen.map(one => [one.host === registry.address, one.authorization !== undefined]),
      [
        [true, false],
        [true, true],
        [false, false],
      ],
    );
  } finally {
    for (const { server } of [storage, registry]) server.close();
    await folder.remove();
  }
});
