import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withMembers } from '../../server/engine/network/members.ts';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const names = async () => (await bench.engine.surveyNetworks()).found.map(({ name }) => name);

/** The address that a container's resolver gives for a name, or nothing. */
async function lookUp(id: string, name: string): Promise<string> {
  const { stdout } = await bench.runToEnd({
    network: `container:${id}`,
    command: ['sh', '-c', `awk '{ for (n = 2; n <= NF; n++) if ($n == "${name}") print $1 }' /etc/hosts`],
    autoRemove: false,
  });
  return stdout.trim();
}

test('members of a network know each other by name and alias, as they come and go', { skip }, async () => {
  const { id } = await bench.engine.createNetwork({ name: 'team' });
  assert.ok((await names()).includes('team'));
  const sleeping = { network: 'team', command: ['sleep', '1000'] };
  const web = await bench.start({ ...sleeping, name: 'web' });
  const db = await bench.start({ ...sleeping, name: 'db', networkAliases: ['postgres'] });
  assert.equal(await lookUp(web.id, 'db'), db.network.address);
  assert.equal(await lookUp(web.id, 'postgres'), db.network.address);
  assert.equal(await lookUp(db.id, 'web'), web.network.address);
  const ping = await bench.runToEnd({ network: 'team', command: ['ping', '-c', '1', '-W', '5', 'postgres'] });
  assert.equal(ping.exitCode, 0, ping.stdout + ping.stderr);
  await assert.rejects(bench.engine.removeNetwork('team'), { code: 'conflict', message: /active endpoints/ });
  await containers().stop(db.id, { timeoutSeconds: 0 });
  await eventually('the name is gone', async () => (await lookUp(web.id, 'db')) === '');
  for (const one of await containers().list({ all: true }))
    await containers().remove(one.id, { force: true });
  await bench.engine.removeNetwork(id.slice(0, 12));
  assert.ok(!(await names()).includes('team'));
  const page = await bench.engine.readEvents({ since: '1', until: '0s', filters: { type: ['network'] } });
  assert.deepEqual(
    page.events.map(({ action }) => action),
    ['create', 'destroy'],
  );
});

test('networks have ranges of their own, and the default one no names', { skip }, async () => {
  const made = await Promise.all(['one', 'two', 'three'].map(name => bench.engine.createNetwork({ name })));
  const { found } = await bench.engine.surveyNetworks();
  const ranges = found.flatMap(({ id, subnet }) => (made.some(one => one.id === id) ? [subnet] : []));
  assert.equal(new Set(ranges).size, 3);
  const alone = await bench.start({ name: 'alone', command: ['sleep', '1000'] });
  assert.equal(await lookUp(alone.id, 'alone'), '');
  await containers().remove(alone.id, { force: true });
  for (const name of ['one', 'two', 'three']) await bench.engine.removeNetwork(name);
});

test('a range that is given is used; what is taken or wrong is refused', { skip }, async () => {
  const create = (name: string, subnet?: string) =>
    bench.engine.createNetwork({ name, ...(subnet === undefined ? {} : { subnet }) });
  await create('given', '10.213.0.0/24');
  const one = await bench.start({ network: 'given', command: ['sleep', '1000'] });
  assert.equal(one.network.address, '10.213.0.2');
  await containers().remove(one.id, { force: true });
  await assert.rejects(create('other', '10.213.0.0/16'), { code: 'conflict', message: /Pool overlaps/ });
  await assert.rejects(create('other', '10.0.0.1/8'), { code: 'invalid-argument' });
  await assert.rejects(create('given'), { code: 'conflict', message: /already exists/ });
  await assert.rejects(create('bridge'), { code: 'conflict', message: /predefined bridge network/ });
  await assert.rejects(create('a/b'), { code: 'invalid-argument' });
  await bench.engine.removeNetwork('given');
  await assert.rejects(bench.engine.removeNetwork('given'), { code: 'not-found' });
  await assert.rejects(bench.engine.removeNetwork('host'), { code: 'conflict', message: /pre-defined/ });
  const aliased = { image: 'busybox', networkAliases: ['x'] };
  await assert.rejects(containers().create(aliased), {
    message: /only for containers in user defined networks/,
  });
});

test('what a container wrote into its hosts file stays when members change', () => {
  const first = withMembers('127.0.0.1\tlocalhost\n', [{ address: '10.0.0.2', names: ['a'] }]);
  const second = withMembers(first, [{ address: '10.0.0.3', names: ['b', 'c'] }]);
  assert.equal(second, '127.0.0.1\tlocalhost\n# Members of the network:\n10.0.0.3\tb c\n');
});
