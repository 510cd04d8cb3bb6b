import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { chainIdOf, chainIdsOf } from '../../server/engine/snapshot/chain.ts';
import { childrenFirst, closureOf, findLeftovers } from '../../server/engine/snapshot/plan.ts';
import { activeRecord, layerRecord } from '../../server/engine/snapshot/records.ts';
import { openSnapshots, type Snapshots } from '../../server/engine/snapshot/snapshots.ts';
import type { SnapshotInfo } from '../../server/engine/snapshot/types.ts';
import { listRecords, writeRecord } from '../../server/engine/store/records.ts';
import { bookkeepingSession, makeStore, sha256, streamOf, type TemporaryStore } from './store-support.ts';

describe('snapshot plans', () => {
  const [a, b, c, d] = [sha256('a'), sha256('b'), sha256('c'), sha256('d')];
  const tree = new Map([
    [a, { parent: undefined }],
    [b, { parent: a }],
    [c, { parent: b }],
    [d, { parent: a }],
  ]);

  test('chainID is the diffID at the bottom and a hash of parent and diffID above', () => {
    assert.equal(chainIdOf(undefined, a), a);
    assert.equal(chainIdOf(a, b), sha256(`${a} ${b}`));
    assert.deepEqual(chainIdsOf([a, b, c]), [a, sha256(`${a} ${b}`), chainIdOf(chainIdOf(a, b), c)]);
  });

  test('closure holds every parent and survives unknown ones', () => {
    assert.deepEqual([...closureOf(tree, [c])].sort(), [a, b, c].sort());
    assert.deepEqual([...closureOf(tree, [sha256('?')])], [sha256('?')]);
  });

  test('children go before their parents', () => {
    assert.deepEqual(childrenFirst(tree, [a, b, c]), [c, b, a]);
  });

  test('leftovers are uppers without owner, and folders that nothing names', () => {
    const layer = (chainId: typeof a, snapshot: number) => ({
      chainId,
      diffId: chainId,
      parent: undefined,
      snapshot,
      under: undefined,
      tarSize: 0,
      contentSize: 0,
      createdAt: '',
      blob: undefined,
    });
    const active = (key: string, snapshot: number) => ({
      key,
      parent: undefined,
      snapshot,
      under: undefined,
      creator: { pid: 1, startTime: '1', bootId: 'x' },
    });
    const found = findLeftovers({
      layers: [layer(a, 1)],
      actives: [active('committed', 1), active('owned', 2), active('lost', 3)],
      folders: [1, 2, 3, 4],
      owned: new Set(['owned', 'committed']),
    });
    assert.deepEqual(
      found.records.map(one => one.key),
      ['committed', 'lost'],
    );
    assert.deepEqual(found.folders, [3, 4]);
  });
});

describe('snapshots', () => {
  let temporary: TemporaryStore;
  let fake: ReturnType<typeof bookkeepingSession>;
  let snapshots: Snapshots;
  const openFs = async () => fake.session;

  beforeEach(async () => {
    temporary = await makeStore();
    fake = bookkeepingSession();
    snapshots = openSnapshots({ store: temporary.store, openFs });
  });
  afterEach(() => temporary.remove());

  const apply = (content: string, parent?: ReturnType<typeof sha256>) =>
    snapshots.apply(fake.session, { parent, diffId: sha256(content) }, streamOf(content));

  test('apply makes a layer by chainID that lies under what is prepared on it', async () => {
    const below = await apply('one');
    const above = await apply('two', below.chainId);
    assert.equal(above.chainId, chainIdOf(sha256('one'), sha256('two')));
    assert.deepEqual(await snapshots.get(above.chainId), above);
    const active = await snapshots.prepare('box', above.chainId);
    assert.deepEqual(active.layers.lowers, [above.directories[0], below.directories[0]]);
    assert.deepEqual(await readdir(active.layers.upper), []);
    assert.deepEqual(await snapshots.active('box'), active);
    assert.deepEqual(await snapshots.lowers(undefined), []);
  });

  test('apply refuses another diffID and leaves nothing', async () => {
    const wrong = snapshots.apply(
      fake.session,
      { parent: undefined, diffId: sha256('promised') },
      streamOf('got'),
    );
    await assert.rejects(wrong, { code: 'image-invalid' });
    await snapshots.close();
    assert.deepEqual(await snapshots.list(), []);
    assert.deepEqual(await readdir(temporary.store.paths.active), []);
    assert.deepEqual(await readdir(temporary.store.paths.snapshots), []);
  });

  test('commit of an existing chainID discards the new copy', async () => {
    const first = await apply('same');
    const again = await apply('same');
    assert.equal(again.directories[0], first.directories[0]);
    await snapshots.close();
    assert.equal((await readdir(temporary.store.paths.snapshots)).length, 1);
  });

  test('commit with a known layer does not read the files again', async () => {
    const active = await snapshots.prepare('build-1', undefined);
    const session = { ...fake.session, diffLayer: () => assert.fail('a second pass over the files') };
    const known = { diffId: sha256('known'), tarSize: 10, contentSize: 4 };
    const info = await snapshots.commit(session, active, known);
    assert.equal(info.diffId, known.diffId);
    assert.equal(await snapshots.active('build-1'), undefined);
    await snapshots.close();
    assert.ok(!existsSync(active.layers.work), 'the work folder has no use any more');
  });

  test('prepare twice for one key is a conflict, also in a race', async () => {
    const racers = await Promise.allSettled([1, 2, 3].map(() => snapshots.prepare('box', undefined)));
    assert.equal(racers.filter(one => one.status === 'fulfilled').length, 1);
    await assert.rejects(snapshots.prepare('box', undefined), { code: 'conflict' });
    await snapshots.close();
    assert.equal((await readdir(temporary.store.paths.snapshots)).length, 1);
  });

  test('prepare on a missing layer names it', async () => {
    await assert.rejects(snapshots.prepare('box', sha256('nowhere')), {
      code: 'store-corrupt',
      message: new RegExp(sha256('nowhere')),
    });
    const layer = await apply('one');
    await rm(layer.directories[0], { recursive: true });
    await assert.rejects(snapshots.lowers(layer.chainId), { code: 'store-corrupt' });
  });

  test('prepare gives the upper the mode of the root below', async () => {
    const layer = await apply('one');
    await chmod(layer.directories[0], 0o1777);
    const active = await snapshots.prepare('box', layer.chainId);
    assert.equal((await stat(active.layers.upper)).mode & 0o7777, 0o1777);
    const empty = await snapshots.prepare('empty', undefined);
    assert.equal((await stat(empty.layers.upper)).mode & 0o7777, 0o755);
  });

  test('two stores on one folder never share a number', async () => {
    const other = openSnapshots({ store: await temporary.reopen(), openFs });
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? other : snapshots).prepare(`k${i}`, undefined)),
    );
    assert.equal(new Set(made.map(one => one.layers.upper)).size, 20);
  });

  test('remove deletes record first and files later, and a missing key is fine', async () => {
    const active = await snapshots.prepare('box', undefined);
    await writeFile(`${active.layers.upper}/file`, 'x');
    await snapshots.remove('box');
    assert.equal(await snapshots.active('box'), undefined);
    await snapshots.close();
    assert.deepEqual(await readdir(temporary.store.paths.snapshots), []);
    await snapshots.remove('box');
  });

  test('sweep keeps what is named, stood upon, in use or young', async () => {
    const base = await apply('base');
    const named = await apply('named', base.chainId);
    const used = await apply('used');
    const young = await apply('young');
    const old = await apply('old', base.chainId);
    await snapshots.prepare('box', used.chainId);
    const past = new Date(Date.now() - 3600 * 1000);
    for (const layer of [base, named, used, old]) {
      await utimes(temporary.store.paths.layer(layer.chainId), past, past);
    }
    const removed = await temporary.store.lock('exclusive', () =>
      snapshots.sweep({ keep: [named.chainId], graceMs: 60_000 }),
    );
    assert.deepEqual(
      removed.map(layer => layer.chainId),
      [old.chainId],
    );
    await snapshots.close();
    assert.ok(!existsSync(old.directories[0]));
    for (const layer of [base, named, used, young]) assert.ok(existsSync(layer.directories[0]));
  });

  const commitOver = async (over: SnapshotInfo, content: string) => {
    const active = await snapshots.prepare(`over-${content}`, over.parent, { over: over.chainId });
    await writeFile(join(active.layers.upper, 'layer'), content);
    return { active, commit: () => snapshots.commit(fake.session, active) };
  };

  test('an upper over a layer and that layer are one layer on the same parent', async () => {
    const base = await apply('base');
    const whole = await apply('whole', base.chainId);
    const { active, commit } = await commitOver(whole, 'more');
    assert.deepEqual(active.layers.lowers, [...whole.directories, ...base.directories]);
    assert.deepEqual(await snapshots.active(active.key), active);
    const made = await commit();
    assert.equal(made.parent, base.chainId);
    assert.equal(made.diffId, sha256('morewhole'));
    assert.deepEqual(made.directories, [active.layers.upper, ...whole.directories]);
    assert.deepEqual(await snapshots.lowers(made.chainId), [...made.directories, ...base.directories]);
  });

  test('a folder stays as long as a layer or an upper needs it', async () => {
    const whole = await apply('whole');
    const { commit, active } = await commitOver(whole, 'more');
    const [shared] = whole.directories;
    const sweepAll = () => snapshots.sweep({ keep: [], graceMs: -1000 });
    assert.deepEqual(
      (await sweepAll()).map(layer => layer.chainId),
      [whole.chainId],
    );
    await snapshots.close();
    assert.ok(existsSync(shared), 'an upper stands on it');
    const made = await commit();
    await snapshots.recover(async () => false);
    await snapshots.close();
    assert.ok(existsSync(shared), 'a layer holds it');
    assert.deepEqual(
      (await sweepAll()).map(layer => layer.chainId),
      [made.chainId],
    );
    await snapshots.close();
    assert.ok(!existsSync(shared));
    assert.ok(!existsSync(active.layers.upper));
  });

  test('a graft is the same files on another parent', async () => {
    const [parent, layer] = [await apply('parent'), await apply('layer')];
    const grafted = await snapshots.graft(layer.chainId, parent.chainId);
    assert.equal(grafted.chainId, chainIdOf(parent.chainId, layer.diffId));
    assert.deepEqual(grafted.directories, layer.directories);
    assert.deepEqual(await snapshots.graft(layer.chainId, parent.chainId), grafted);
    await snapshots.sweep({ keep: [grafted.chainId], graceMs: -1000 });
    await snapshots.close();
    assert.ok(existsSync(layer.directories[0]));
    await assert.rejects(snapshots.graft(layer.chainId, parent.chainId), { code: 'store-corrupt' });
  });

  test('sweep among some leaves all others alone', async () => {
    const [one, two] = [await apply('one'), await apply('two')];
    const removed = await snapshots.sweep({ keep: [], among: [one.chainId], graceMs: 0 });
    assert.deepEqual(
      removed.map(layer => layer.chainId),
      [one.chainId],
    );
    assert.ok(await snapshots.get(two.chainId));
  });

  test('recover removes what dead processes left, at every step of a commit', async () => {
    const { paths } = temporary.store;
    const dead = { pid: 4194303, startTime: '1', bootId: '00000000' };
    const kill = async (key: string) => {
      const record = (await listRecords(paths.active, activeRecord)).find(one => one.key === key);
      await writeRecord(paths, paths.activeSnapshot(key), { ...record, creator: dead });
    };
    const layer = await apply('layer');
    await snapshots.prepare('running-build', layer.chainId);
    for (const key of ['dead-build', 'container', 'between']) await snapshots.prepare(key, layer.chainId);
    for (const key of ['dead-build', 'container', 'between']) await kill(key);
    // Killed after the layer's record and before the active one was deleted.
    const between = (await listRecords(paths.active, activeRecord)).find(one => one.key === 'between');
    const [below] = await listRecords(paths.layers, layerRecord);
    const chainId = chainIdOf(layer.chainId, sha256('between'));
    await writeRecord(paths, paths.layer(chainId), {
      ...below,
      chainId,
      parent: layer.chainId,
      snapshot: between?.snapshot,
    });

    const reopened = openSnapshots({ store: await temporary.reopen(), openFs });
    const asked: string[] = [];
    await reopened.recover(async key => {
      asked.push(key);
      return key === 'container';
    });
    assert.deepEqual(asked.sort(), ['between', 'container', 'dead-build'], 'the living are not in question');
    await reopened.close();
    const keys = (await listRecords(paths.active, activeRecord)).map(one => one.key);
    assert.deepEqual(keys, ['container', 'running-build']);
    assert.equal((await readdir(paths.snapshots)).length, 4);
    assert.equal((await snapshots.lowers(chainId)).length, 2, 'the committed layer is whole');
  });

  test('recover takes the empty record that a power cut leaves of a transient snapshot', async () => {
    const { paths } = temporary.store;
    const active = await snapshots.prepare('step', undefined, { transient: true });
    await writeFile(paths.activeSnapshot('step'), '');
    await snapshots.recover(async () => false);
    await snapshots.close();
    assert.ok(!existsSync(active.layers.upper));
    assert.deepEqual(await readdir(paths.active), []);
  });

  test('recover after a failed deletion tries again', async () => {
    const failures: unknown[] = [];
    let broken = true;
    const flaky = openSnapshots({
      store: temporary.store,
      openFs: () => (broken ? Promise.reject(new Error('no helper')) : openFs()),
      onError: error => failures.push(error),
    });
    await flaky.prepare('box', undefined);
    await flaky.remove('box');
    await flaky.close();
    assert.equal(failures.length, 1);
    assert.equal((await readdir(temporary.store.paths.snapshots)).length, 1);
    broken = false;
    await flaky.recover(async () => false);
    await flaky.close();
    assert.deepEqual(await readdir(temporary.store.paths.snapshots), []);
  });
});
