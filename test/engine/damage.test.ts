import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import type { MonitorState } from '../../server/engine/runtime/types.ts';
import type { Engine } from '../../server/engine/types.ts';
import { isProcessAlive } from './damage-support.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const containerFile = (id: string, name: string) => join(bench.root, 'containers', id, name);
const sleeper = { command: ['sleep', '1000'] } as const;

async function processOf(id: string): Promise<number> {
  const state = JSON.parse(await readFile(containerFile(id, 'state.json'), 'utf8')) as MonitorState;
  assert.equal(state.status, 'running');
  return state.status === 'running' ? state.process.pid : 0;
}

/** Everything that a container leaves on this machine while it exists. */
async function tracesOf(id: string): Promise<readonly string[]> {
  const folders = ['root/containers', 'root/active', 'run/c', 'run/networks/bridge'];
  const names = await Promise.all(folders.map(folder => readdir(join(bench.base, folder)).catch(() => [])));
  const own = names.flat().filter(name => name.startsWith(id.slice(0, 12)));
  const claims = await readdir(join(bench.root, 'names'));
  const texts = await Promise.all(claims.map(name => readFile(join(bench.root, 'names', name), 'utf8')));
  return [...own, ...claims.filter((_, index) => texts[index]?.includes(id))];
}

/** A file in each of the ways in which one breaks. */
const damages: { readonly [how: string]: (path: string) => Promise<void> } = {
  truncated: async path => writeFile(path, (await readFile(path, 'utf8')).slice(0, 20)),
  'of zeros': path => writeFile(path, Buffer.alloc(64)),
  'of another shape': path => writeFile(path, '[]'),
};

for (const [how, damage] of Object.entries(damages)) {
  for (const file of ['record.json', 'state.json']) {
    test(`a running container with a ${file} ${how} hides no other, and is removed by force`, {
      skip,
    }, async () => {
      const other = await bench.start(sleeper);
      const broken = await bench.start({ ...sleeper, name: 'broken' });
      const pid = await processOf(broken.id);
      await damage(containerFile(broken.id, file));
      const { found, damaged } = await bench.engine.containers.survey({ all: true });
      assert.ok(found.some(one => one.id === other.id) && !found.some(one => one.id === broken.id));
      assert.deepEqual(
        damaged.map(error => [error.detail.kind, error.detail.id]),
        [['container', broken.id]],
      );
      const refused = {
        code: 'store-corrupt',
        message: new RegExp(`container broken \\(${broken.id.slice(0, 12)}\\).*${file}`),
        hint: /sampan rm -f broken/,
      };
      await assert.rejects(bench.engine.containers.get('broken'), refused);
      await assert.rejects(bench.engine.containers.remove('broken'), refused);
      assert.ok(isProcessAlive(pid));
      await bench.engine.containers.remove('broken', { force: true });
      assert.ok(!isProcessAlive(pid));
      assert.deepEqual(await tracesOf(broken.id), []);
      await bench.engine.containers.remove(other.id, { force: true });
    });
  }
}

test('while a container is damaged nothing that it may need is deleted', { skip }, async () => {
  const image = await bench.engine.images.resolve('busybox');
  await bench.engine.images.tag(image.id, 'second');
  await bench.engine.volumes.create({ name: 'precious' });
  const { id } = await bench.engine.containers.create({ image: 'second' });
  await writeFile(containerFile(id, 'record.json'), '{');
  const refused = { code: 'store-corrupt' };
  const removal = { force: true, usedBy: bench.engine.containers.usersOfImage };
  await assert.rejects(bench.engine.images.remove('second', removal), refused);
  await assert.rejects(bench.engine.volumes.remove('precious'), refused);
  await bench.engine.containers.remove(id, { force: true });
  await bench.engine.images.remove('second', removal);
  await bench.engine.volumes.remove('precious');
});

/** An image of its own layer. */
async function makeImage(engine: Engine, tag: string): Promise<string> {
  const { id } = await engine.containers.create({
    image: 'busybox',
    command: ['sh', '-c', `echo ${tag} > /own`],
  });
  await engine.containers.start(id);
  await engine.containers.wait(id);
  const image = await engine.containers.commit(id, { tags: [tag] });
  await engine.containers.remove(id);
  return image.id;
}

const imageFiles: { readonly [what: string]: (id: string) => string } = {
  record: id => join(bench.root, 'images', `${id.slice(7)}.json`),
  config: id => join(bench.root, 'blobs/sha256', id.slice(7)),
};

for (const [what, path] of Object.entries(imageFiles)) {
  test(`an image with a damaged ${what} hides no other, and is removed`, { skip }, async () => {
    const engine = await bench.reopen(); // which has not read the config yet
    const id = await makeImage(bench.engine, 'own');
    const layers = (await readdir(join(bench.root, 'layers'))).length;
    await writeFile(path(id), '{"id":');
    const { found, damaged } = await engine.images.survey();
    assert.deepEqual(
      found.map(one => one.tags),
      [['docker.io/library/busybox:latest']],
    );
    assert.deepEqual(
      damaged.map(error => [error.detail.kind, error.detail.id]),
      [['image', id]],
    );
    const hint = new RegExp(`sampan rmi ${id.slice(7, 19)}`);
    await assert.rejects(engine.images.resolve('own'), { code: 'store-corrupt', hint });
    await assert.rejects(engine.images.collect(), { code: 'store-corrupt' });
    const done = await engine.images.remove('own', { force: false, usedBy: async () => [] });
    assert.deepEqual(done.untagged, ['own:latest']);
    assert.deepEqual((await engine.images.survey()).damaged, []);
    // Of what a damaged config stood on nobody knows: a collection finds it.
    assert.equal((await readdir(join(bench.root, 'layers'))).length, what === 'record' ? layers - 1 : layers);
  });
}

test('a damaged image removed beside another one takes no layer along that the other may need', {
  skip,
}, async () => {
  const [one, two] = [await makeImage(bench.engine, 'one'), await makeImage(bench.engine, 'two')];
  for (const id of [one, two]) await writeFile(imageFiles.record?.(id) ?? '', '');
  const engine = await bench.reopen();
  await engine.images.remove(one, { force: true, usedBy: async () => [] });
  assert.deepEqual(
    (await engine.images.survey()).damaged.map(error => error.detail.id),
    [two],
  );
  await engine.images.remove(two, { force: true, usedBy: async () => [] });
  assert.equal((await engine.images.list()).length, 1);
});

test('a damaged name hides no image, goes alone, and keeps its image from going with another name', {
  skip,
}, async () => {
  const id = await makeImage(bench.engine, 'first');
  await bench.engine.images.tag(await bench.engine.images.resolve(id).then(image => image.id), 'x/y:2');
  const reference = join(bench.root, 'references', `${encodeURIComponent('docker.io/x/y:2')}.json`);
  await writeFile(reference, 'null');
  const { found, damaged } = await bench.engine.images.survey();
  assert.equal(found.length, 2);
  assert.match(damaged[0]?.message ?? '', /reference x\/y:2 is damaged/);
  await assert.rejects(bench.engine.images.resolve('x/y:2'), { code: 'store-corrupt' });
  const usedBy = async () => [];
  assert.deepEqual((await bench.engine.images.remove('first', { force: false, usedBy })).deleted, []);
  assert.deepEqual(await bench.engine.images.remove('x/y:2', { force: false, usedBy }), {
    untagged: ['x/y:2'],
    deleted: [],
  });
  await bench.engine.images.remove(id, { force: false, usedBy });
  assert.equal((await bench.engine.images.list()).length, 1);
});

test('a layer whose record is damaged is made again by who has its files', { skip }, async () => {
  const id = await makeImage(bench.engine, 'again');
  const archive = join(bench.base, 'again.tar');
  const chunks: Uint8Array[] = [];
  await bench.engine.images.save(['again'], chunk => void chunks.push(Buffer.from(chunk)), {
    format: 'docker-archive',
  });
  await writeFile(archive, Buffer.concat(chunks));
  const { chainId } = await bench.engine.images.resolve(id);
  await writeFile(join(bench.root, 'layers', `${chainId?.slice(7)}.json`), '');
  await assert.rejects(bench.runToEnd({ image: 'again' }), { code: 'store-corrupt' });
  await bench.engine.images.load(archive);
  const done = await bench.runToEnd({ image: 'again', command: ['cat', '/own'], network: 'none' });
  assert.equal(done.stdout, 'again\n');
  await bench.engine.containers.remove(done.container.id);
  await bench.engine.images.remove('again', { force: false, usedBy: async () => [] });
});

test('a damaged network is told, with what to do', { skip }, async () => {
  const path = join(bench.root, 'networks/bridge/record.json');
  const before = await readFile(path);
  await writeFile(path, '');
  const { found, damaged } = await bench.engine.surveyNetworks();
  assert.deepEqual(
    found.map(network => network.name),
    ['host', 'none'],
  );
  assert.deepEqual(
    damaged.map(error => [error.detail.kind, error.detail.id]),
    [['network', 'bridge']],
  );
  await assert.rejects(bench.engine.containers.create({ image: 'busybox' }), {
    code: 'store-corrupt',
    hint: new RegExp(path),
  });
  await writeFile(path, before);
});

/** What a recovery does: an engine opened after one that was killed. */
async function recovered(): Promise<void> {
  await writeFile(join(bench.run, 'servers', 'server.1.1-1-00000000'), '');
  await (await bench.reopen()).close();
}

test('a running container that lost its record is told and removed by force', { skip }, async () => {
  const { id } = await bench.start({ ...sleeper, name: 'robbed' });
  const pid = await processOf(id);
  await rm(containerFile(id, 'record.json'));
  const [damage] = (await bench.engine.containers.survey({ all: true })).damaged;
  assert.match(damage?.message ?? '', /robbed.*record\.json is missing, but the container runs/);
  await bench.engine.containers.remove('robbed', { force: true });
  assert.ok(!isProcessAlive(pid));
  assert.deepEqual(await tracesOf(id), []);
});

const losses: { readonly [what: string]: (id: string) => Promise<void> } = {
  'its record': id => rm(containerFile(id, 'record.json')),
  'record and state': async id => {
    for (const name of ['record.json', 'state.json']) await rm(containerFile(id, name));
  },
  'its whole folder': id => rm(join(bench.root, 'containers', id), { recursive: true }),
};

for (const [what, lose] of Object.entries(losses)) {
  test(`a recovery ends a running container that lost ${what}, and tidies up`, { skip }, async () => {
    const { id } = await bench.start({ ...sleeper, name: 'lost' });
    const kept = await bench.start({ ...sleeper, name: 'kept' });
    const [pid, keptPid] = [await processOf(id), await processOf(kept.id)];
    await lose(id);
    await recovered();
    assert.ok(!isProcessAlive(pid));
    assert.deepEqual(await tracesOf(id), []);
    assert.ok(isProcessAlive(keptPid));
    await bench.engine.containers.remove('kept', { force: true });
  });
}

test('a recovery leaves the containers of another store in the same runtime folder alone', {
  skip,
}, async () => {
  const { id } = await bench.start({ ...sleeper, name: 'mine' });
  const pid = await processOf(id);
  const lease = join(bench.run, 'networks/bridge', id);
  const takenBefore = (await readFile(lease, 'utf8')).replace(/[^.]*$/, '1-1-00000000');
  await writeFile(lease, takenBefore); // by a server that has ended since
  const root = join(bench.base, 'other');
  const { openEngine } = await import('../../server/engine/engine.ts');
  const { dist } = await import('./store-support.ts');
  await writeFile(join(bench.run, 'servers', 'server.1.1-1-00000000'), '');
  await (await openEngine({ root, run: bench.run, nativeDirectory: dist, log: () => undefined })).close();
  assert.ok(isProcessAlive(pid));
  assert.equal(await readFile(lease, 'utf8'), takenBefore);
  await bench.engine.containers.remove('mine', { force: true });
});

test('a damaged record is no reason to tidy up at every start', { skip }, async () => {
  const { id } = await bench.engine.containers.create({ image: 'busybox' });
  await writeFile(containerFile(id, 'record.json'), '');
  await recovered();
  assert.ok(!(await readdir(join(bench.run, 'servers'))).includes('server.1.1-1-00000000'));
  await bench.engine.containers.remove(id, { force: true }).catch(error => {
    if (!isSampanError(error, 'not-found')) throw error;
  });
});
