import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Digest } from '../../server/common/digest.ts';
import { openImages, sampleImage, tarOf } from './image-support.ts';
import { bookkeepingSession, makeStore, sha256, streamOf, type TemporaryStore } from './store-support.ts';

const nobody = { force: false, usedBy: async () => [] };
const used = (force: boolean) => ({ force, usedBy: async () => ['box'] });

describe('image store', () => {
  let temporary: TemporaryStore;
  let fake: ReturnType<typeof bookkeepingSession>;
  let engine: ReturnType<typeof openImages>;

  beforeEach(async () => {
    temporary = await makeStore();
    fake = bookkeepingSession();
    engine = openImages(temporary.store, async () => fake.session);
  });
  afterEach(async () => {
    await engine.snapshots.close();
    await temporary.remove();
  });

  /** An image whose layers hold the given texts, as a build makes it. */
  async function make(texts: string[], tags: string[] = [], config: object = {}) {
    const image = sampleImage(texts.map(Buffer.from), config);
    let parent: Digest | undefined;
    for (const text of texts) {
      const layer = { parent, diffId: sha256(text) };
      parent = (await engine.snapshots.apply(fake.session, layer, streamOf(text))).chainId;
    }
    return engine.images.create(image.config, { tags });
  }

  test('create records config, tags and size', async () => {
    const image = await make(['one', 'three'], ['web', 'team/web:2']);
    assert.deepEqual(image.tags, ['docker.io/library/web:latest', 'docker.io/team/web:2']);
    assert.equal(image.size, 8);
    assert.equal(image.createdAt, '2024-05-06T07:08:09.000Z');
    assert.equal(image.config.config?.Cmd?.[0], 'sh');
    assert.deepEqual(await engine.images.resolve('web'), image);
    const reopened = openImages(await temporary.reopen(), async () => fake.session);
    assert.deepEqual(await reopened.images.list(), [image]);
  });

  test('create without its layers records nothing', async () => {
    const { config } = sampleImage([Buffer.from('nowhere')]);
    await assert.rejects(engine.images.create(config, { tags: ['a'] }), { code: 'not-found' });
    await assert.rejects(engine.images.create(Buffer.from('{}'), { tags: [] }), { code: 'image-invalid' });
    assert.deepEqual(await engine.images.list(), []);
    assert.equal(await engine.images.find('a'), undefined);
  });

  test('image without layers is an image', async () => {
    const image = await make([], ['scratch-like']);
    assert.equal(image.chainId, undefined);
    assert.equal(image.size, 0);
  });

  test('tag moves to another image and leaves the old one without a name', async () => {
    const [old, young] = [await make(['a'], ['web']), await make(['b'])];
    await engine.images.tag(young.id, 'web:latest');
    assert.equal((await engine.images.resolve('web')).id, young.id);
    assert.deepEqual((await engine.images.resolve(old.id)).tags, []);
    await assert.rejects(engine.images.tag(young.id, 'Web'), { code: 'invalid-argument' });
    await assert.rejects(engine.images.tag(young.id, `web@${old.id}`), { code: 'invalid-argument' });
    await assert.rejects(engine.images.tag(sha256('none'), 'x'), { code: 'not-found' });
  });

  test('list has the newest first', async () => {
    const older = await make(['a'], ['a'], { created: '2020-01-01T00:00:00+02:00' });
    const newer = await make(['b'], ['b'], { created: '2020-01-01T00:00:00Z' });
    const none = await make(['c'], ['c'], { created: undefined });
    assert.deepEqual(
      (await engine.images.list()).map(image => image.id),
      [newer.id, older.id, none.id],
    );
  });

  test('removing the last tag frees the layers that no other image has', async () => {
    const kept = await make(['base', 'one'], ['kept']);
    const gone = await make(['base', 'two'], ['gone', 'again']);
    assert.deepEqual(await engine.images.remove('gone', nobody), {
      untagged: ['gone:latest'],
      deleted: [],
    });
    const directory = (await engine.snapshots.lowers(gone.chainId))[0] ?? '';
    const removed = await engine.images.remove('again', nobody);
    assert.deepEqual(removed.deleted, [gone.id, gone.chainId]);
    await engine.snapshots.close();
    assert.ok(!existsSync(directory));
    assert.equal((await engine.snapshots.lowers(kept.chainId)).length, 2);
    assert.equal(await temporary.store.blobs.size(gone.id), undefined);
    await assert.rejects(engine.images.remove('again', nobody), { code: 'not-found' });
  });

  test('removing leaves layers of the build cache and under containers', async () => {
    const cached = await make(['cached'], ['cached']);
    const running = await make(['running'], ['running']);
    engine.kept.chainIds.push(cached.chainId as Digest);
    await engine.snapshots.prepare('box', running.chainId);
    assert.deepEqual((await engine.images.remove('cached', nobody)).deleted, [cached.id]);
    assert.deepEqual((await engine.images.remove(running.id, used(true))).deleted, [running.id]);
    assert.ok(await engine.snapshots.get(cached.chainId as Digest));
    assert.ok(await engine.snapshots.get(running.chainId as Digest));
  });

  test('image in use is a conflict unless forced, and then keeps all but its name', async () => {
    const image = await make(['a'], ['web']);
    await assert.rejects(engine.images.remove('web', used(false)), { code: 'conflict' });
    assert.equal((await engine.images.resolve('web')).id, image.id);
    assert.deepEqual(await engine.images.remove('web', used(true)), {
      untagged: ['web:latest'],
      deleted: [],
    });
    assert.ok(await engine.images.find(image.id));
  });

  test('collect removes what nothing needs once it is old', async () => {
    const image = await make(['used'], ['used']);
    const text = 'orphan';
    const orphan = await engine.snapshots.apply(
      fake.session,
      { parent: undefined, diffId: sha256(text) },
      streamOf(text),
    );
    const blob = await temporary.store.blobs.put(Buffer.from('orphan blob'));
    const wanted = await temporary.store.blobs.put(Buffer.from('wanted blob'));
    engine.kept.images = [wanted];
    assert.deepEqual(await engine.images.collect(), { bytes: 0, removed: 0 });
    const past = new Date(Date.now() - 2 * 3600 * 1000);
    const { paths } = temporary.store;
    for (const digest of [blob, wanted, image.id]) await utimes(paths.blob(digest), past, past);
    await utimes(paths.layer(orphan.chainId), past, past);
    await utimes(paths.layer(image.chainId as Digest), past, past);
    assert.deepEqual(await engine.images.collect(), { bytes: 6 + 11, removed: 2 });
    assert.ok(await engine.images.find('used'));
    assert.ok(await temporary.store.blobs.size(wanted));
  });

  test('damaged record names its file, and a damaged image can still be removed', async () => {
    const image = await make(['a'], ['web']);
    const { paths } = temporary.store;
    await rm(paths.blob(image.id));
    const fresh = openImages(await temporary.reopen(), async () => fake.session);
    await assert.rejects(fresh.images.list(), { code: 'store-corrupt' });
    assert.deepEqual((await fresh.images.remove('web', nobody)).deleted, [image.id]);
    assert.deepEqual(await fresh.images.list(), []);
    await writeFile(paths.image(image.id), '{"id":');
    await assert.rejects(fresh.images.list(), { code: 'store-corrupt', message: /images\// });
  });

  test('import makes a one-layer image and leaves no writable snapshot', async () => {
    const tar = tarOf({ 'etc/': undefined, 'etc/hostname': 'box\n' });
    const config = { Cmd: ['/bin/sh'] };
    const image = await engine.images.import(streamOf(tar), { tags: ['base:1'], config, message: 'by hand' });
    assert.deepEqual(image.config.rootfs.diff_ids, [sha256(tar)]);
    assert.deepEqual(image.config.config, config);
    assert.equal(image.config.history?.[0]?.comment, 'by hand');
    assert.deepEqual(image.tags, ['docker.io/library/base:1']);
    await assert.rejects(engine.images.import(streamOf(tar), { tags: ['Bad'] }), {
      code: 'invalid-argument',
    });
    async function* broken() {
      yield tar.subarray(0, 100);
      throw new Error('pipe closed');
    }
    await assert.rejects(engine.images.import(broken(), { tags: [] }), { message: 'pipe closed' });
    assert.deepEqual(await readdir(temporary.store.paths.active), []);
  });
});
