import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerRecord } from '../../server/engine/container/record.ts';
import { openRegistry, type Registry } from '../../server/engine/container/registry.ts';
import { loadNative } from '../../server/engine/native.ts';
import { openLeases } from '../../server/engine/network/leases.ts';
import { parseSubnet, type Subnet } from '../../server/engine/network/pool.ts';
import { openVolumes, type Volumes } from '../../server/engine/volume/volumes.ts';
import { dist, makeStore, type TemporaryStore } from './store-support.ts';

let temporary: TemporaryStore;
let registry: Registry;
beforeEach(async () => {
  temporary = await makeStore();
  registry = openRegistry({
    store: temporary.store,
    native: loadNative(dist),
    run: join(temporary.folder, 'run'),
  });
});
afterEach(() => temporary.remove());

const id = (digit: string) => digit.repeat(64);
const record = (over: Partial<ContainerRecord> & { id: string }): ContainerRecord => ({
  version: 1,
  name: 'box',
  image: { id: `sha256:${id('0')}`, reference: 'x' },
  options: { image: 'x' },
  config: {},
  args: ['true'],
  hostname: 'h',
  createdAt: '2026-01-01T00:00:00Z',
  mounts: [],
  network: { mode: 'none' },
  links: [],
  warnings: [],
  ...over,
});
async function make(one: ContainerRecord): Promise<void> {
  await registry.claimName(one.name, one.id);
  await registry.create(one);
}

test('containers are found by id, name and unique prefix, and an exact name wins', async () => {
  await make(record({ id: `ab${'1'.repeat(62)}`, name: 'first' }));
  await make(record({ id: `ac${'2'.repeat(62)}`, name: 'ab' }));
  assert.equal(await registry.resolve('first'), `ab${'1'.repeat(62)}`);
  assert.equal(await registry.resolve('/first'), `ab${'1'.repeat(62)}`);
  assert.equal(await registry.resolve('ab'), `ac${'2'.repeat(62)}`);
  assert.equal(await registry.resolve('ab1'), `ab${'1'.repeat(62)}`);
  await assert.rejects(registry.resolve('a'), { code: 'invalid-argument', message: /Multiple/ });
  for (const missing of ['nosuch', 'f', '../first', id('f')])
    await assert.rejects(registry.resolve(missing), { code: 'not-found' }, missing);
});

test('a name belongs to one container, however many ask at once', async () => {
  const all = ['1', '2', '3', '4', '5'].map(id);
  const taken = await Promise.all(all.map(one => registry.tryClaimName('box', one)));
  assert.equal(taken.filter(Boolean).length, 1);
  await make(record({ id: id('a'), name: 'other' }));
  await assert.rejects(registry.claimName('other', id('b')), {
    code: 'conflict',
    message: /already in use by container "a{64}"/,
  });
});

test('a name that a killed server left behind can be taken', async () => {
  const maker = { pid: 1, startTime: '1', bootId: 'another boot' };
  await writeFile(temporary.store.paths.containerName('box'), JSON.stringify({ id: id('1'), maker }));
  await registry.claimName('box', id('2'));
  await registry.create(record({ id: id('2') }));
  assert.equal(await registry.resolve('box'), id('2'));
});

test('a name outlives its maker as long as the container exists', async () => {
  await make(record({ id: id('1') }));
  const maker = { pid: 1, startTime: '1', bootId: 'another boot' };
  await writeFile(temporary.store.paths.containerName('box'), JSON.stringify({ id: id('1'), maker }));
  assert.equal(await registry.tryClaimName('box', id('2')), false);
});

test('what a killed server left in making, renaming or deleting is tidied', async () => {
  const maker = { pid: 1, startTime: '1', bootId: 'another boot' };
  const names = temporary.store.paths;
  await make(record({ id: id('1') }));
  await mkdir(registry.directory(id('2')));
  await writeFile(names.containerName('renamed-away'), JSON.stringify({ id: id('1'), maker }));
  await writeFile(names.containerName('never-made'), JSON.stringify({ id: id('3'), maker }));
  await registry.claimName('in-the-making', id('4'));
  assert.deepEqual(await registry.recordless(), [id('2')]);
  await registry.recover();
  assert.deepEqual((await readdir(names.names)).sort(), ['box', 'in-the-making']);
});

test('names that docker refuses are refused', async () => {
  for (const name of ['a', '', '-ab', 'a b', '../x', 'x'.repeat(201)])
    await assert.rejects(registry.claimName(name, id('1')), { code: 'invalid-argument' }, name);
});

test('a deleted container is gone with its folder, and its name only with it', async () => {
  await make(record({ id: id('1') }));
  await registry.releaseName('box', id('2'));
  assert.equal(await registry.resolve('box'), id('1'));
  await registry.releaseName('box', id('1'));
  await registry.delete(id('1'));
  assert.deepEqual(await registry.ids(), []);
  await assert.rejects(
    registry.lock(id('1'), async () => undefined),
    { code: 'not-found' },
  );
});

test('a record that is damaged names its file', async () => {
  await make(record({ id: id('1') }));
  await writeFile(join(registry.directory(id('1')), 'record.json'), '{"version":1}');
  await assert.rejects(registry.facts(id('1')), { code: 'store-corrupt', message: /record\.json/ });
});

test('a name whose file is damaged is that of the container that has it, and free when none does', async () => {
  const { paths } = temporary.store;
  await make(record({ id: id('1') }));
  for (const name of ['box', 'free']) await writeFile(paths.containerName(name), '{"id":');
  assert.equal(await registry.resolve('box'), id('1'));
  assert.equal(await registry.tryClaimName('box', id('2')), false);
  assert.equal(await registry.tryClaimName('free', id('2')), true);
  await writeFile(paths.containerName('free'), '');
  await registry.recover();
  assert.deepEqual(await readdir(paths.names), ['box']);
  await registry.releaseName('box', id('1'));
  assert.deepEqual(await readdir(paths.names), []);
});

test('a state of a monitor that is gone is not running', async () => {
  await make(record({ id: id('1') }));
  const dead = { pid: 1, startTime: '1', bootId: 'another boot' };
  const state = { status: 'running', monitor: dead, process: dead, startedAt: 't', ports: [] };
  await writeFile(join(registry.directory(id('1')), 'state.json'), JSON.stringify(state));
  const facts = await registry.facts(id('1'));
  assert.equal(facts?.state?.status, 'running');
  assert.equal(facts?.monitorAlive, false);
});

const subnet = parseSubnet('10.0.0.0/29') as Subnet;

test('addresses are given once each, kept by their holder, and free after release', async () => {
  const leases = openLeases(join(temporary.folder, 'leases'), loadNative(dist));
  const all = ['1', '2', '3', '4', '5'].map(id);
  const given = await Promise.all(all.map(one => leases.take(one, subnet)));
  assert.deepEqual([...new Set(given)].sort(), ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  assert.equal(await leases.take(id('3'), subnet), given[2]);
  await assert.rejects(leases.take(id('6'), subnet), { code: 'conflict', message: /no free address/ });
  await leases.release(id('3'));
  assert.equal(await leases.take(id('6'), subnet), given[2]);
  const holders = await leases.holders();
  assert.deepEqual(holders.map(holder => holder.id).sort(), ['1', '2', '4', '5', '6'].map(id));
  assert.ok(holders.every(holder => holder.takerAlive));
});

test('an address of another range is given back for a new one', async () => {
  const leases = openLeases(join(temporary.folder, 'leases'), loadNative(dist));
  await leases.take(id('1'), subnet);
  const moved = await leases.take(id('1'), parseSubnet('10.9.0.0/24') as Subnet);
  assert.equal(moved, '10.9.0.2');
  assert.ok(!(await readdir(join(temporary.folder, 'leases'))).includes('10.0.0.2'));
});

function volumesOf(users: readonly string[] = []): Volumes {
  return openVolumes({
    store: temporary.store,
    locks: loadNative(dist),
    openFs: async () =>
      ({
        removeTree: async (paths: readonly string[]) => {
          for (const path of paths) await rm(path, { recursive: true });
        },
        close: async () => undefined,
      }) as never,
    usersOf: async () => users,
  });
}

test('a volume is made once, found, listed and removed', async () => {
  const volumes = volumesOf();
  const made = await volumes.create({ name: 'data', labels: { a: '1' } });
  assert.deepEqual(await volumes.create({ name: 'data', labels: { b: '2' } }), made);
  assert.ok(await volumes.isEmpty('data'));
  await writeFile(join(made.mountpoint, 'x'), '');
  assert.ok(!(await volumes.isEmpty('data')));
  const anonymous = await volumes.createAnonymous(volumes.planAnonymous().name);
  assert.match(anonymous.name, /^[0-9a-f]{64}$/);
  assert.deepEqual(
    (await volumes.list()).map(volume => [volume.name, volume.anonymous]).sort(),
    [
      [anonymous.name, true],
      ['data', false],
    ].sort(),
  );
  await volumes.remove('data');
  await assert.rejects(volumes.get('data'), { code: 'not-found' });
  await assert.rejects(volumes.remove('data'), { code: 'not-found' });
  await volumes.remove('data', { force: true });
  assert.deepEqual(await readdir(temporary.store.paths.volumes), [anonymous.name]);
});

test('a volume in use stays, and the containers are named', async () => {
  const volumes = volumesOf(['web']);
  await volumes.create({ name: 'data' });
  await assert.rejects(volumes.remove('data', { force: true }), {
    code: 'conflict',
    message: /in use by web/,
  });
  assert.equal((await volumes.get('data')).name, 'data');
});

test('names of volumes follow docker’s grammar', async () => {
  for (const name of ['a', '../x', 'a/b', ''])
    await assert.rejects(volumesOf().create({ name }), { code: 'invalid-argument' }, name);
});

test('a volume whose filling was cut short counts as empty and is filled anew', async () => {
  const volumes = volumesOf();
  const { mountpoint } = await volumes.create({ name: 'data' });
  await writeFile(join(mountpoint, 'half'), '');
  await writeFile(join(mountpoint, '..', 'filling'), '');
  assert.ok(await volumes.isEmpty('data'));
  const rootfs = {
    copyOut: async (_: string, target: string) => writeFile(join(target, 'whole'), ''),
  } as never;
  await volumes.fill('data', { rootfs, path: '/data' });
  assert.deepEqual(await readdir(mountpoint), ['whole']);
  assert.ok(!(await volumes.isEmpty('data')));
});

test('a volume that lost its record keeps its files, and gets a new one when asked', async () => {
  const volumes = volumesOf();
  const { mountpoint } = await volumes.create({ name: 'data' });
  await volumes.create({ name: 'other' });
  await writeFile(join(mountpoint, 'kept'), '');
  for (const damage of [rm, (path: string) => writeFile(path, '{"version":1')]) {
    await damage(join(mountpoint, '..', 'record.json'));
    await volumes.recover();
    const { found, damaged } = await volumes.survey();
    assert.deepEqual([found.map(one => one.name), damaged.map(one => one.detail.id)], [['other'], ['data']]);
    const refused = { code: 'store-corrupt', message: /volume data is damaged/, hint: /volume create data/ };
    await assert.rejects(volumes.list(), refused);
    await assert.rejects(volumes.get('data'), refused);
    await assert.rejects(volumes.create({ name: 'data' }), refused);
    await volumes.create({ name: 'data', mend: true });
    assert.deepEqual(await readdir((await volumes.get('data')).mountpoint), ['kept']);
  }
  await writeFile(join(mountpoint, '..', 'record.json'), '');
  await volumes.remove('data');
  assert.deepEqual(await readdir(temporary.store.paths.volumes), ['other']);
});

test('what was cut short in making or removing a volume is tidied', async () => {
  await mkdir(join(temporary.store.paths.volumes, '.removed-1', 'data'), { recursive: true });
  await mkdir(join(temporary.store.paths.volumes, 'half-made', 'data'), { recursive: true });
  await volumesOf().recover();
  assert.deepEqual(await readdir(temporary.store.paths.volumes), []);
});
