import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { healthSpec, mergeHealth } from '../../server/engine/container/health.ts';
import type { Container } from '../../server/engine/container/types.ts';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const ms = 1e6;

const checked = (script: string, more = {}) =>
  bench.start({
    network: 'none',
    command: ['sleep', '1000'],
    healthcheck: { Test: ['CMD-SHELL', script], Interval: 20 * ms, ...more },
  });

async function until(id: string, passes: (container: Container) => boolean): Promise<Container> {
  let last = await containers().get(id);
  await eventually(`the health that is waited for, last ${JSON.stringify(last.health)}`, async () => {
    last = await containers().get(id);
    return passes(last);
  });
  return last;
}

const statusesOf = async (id: string) => {
  const filters = { container: [id], event: ['health_status'] };
  const page = await bench.engine.readEvents({ since: '1', until: '0s', filters });
  return page.events.map(({ action }) => action);
};

test('a check that passes makes it healthy, one that fails often enough unhealthy, and back', {
  skip,
}, async () => {
  const { id, health } = await checked('echo looked; test ! -e /sick', { Retries: 2 });
  assert.ok(health === undefined || health.status === 'starting');
  const well = await until(id, one => one.health?.status === 'healthy');
  assert.deepEqual([well.health?.log[0]?.exitCode, well.health?.log[0]?.output], [0, 'looked\n']);
  await run(id, ['touch', '/sick']);
  const sick = await until(id, one => one.health?.status === 'unhealthy');
  assert.ok((sick.health?.failingStreak ?? 0) >= 2);
  await until(id, one => (one.health?.failingStreak ?? 0) > 4);
  assert.equal((await containers().get(id)).health?.log.length, 5);
  await run(id, ['rm', '/sick']);
  await until(id, one => one.health?.status === 'healthy' && one.health.failingStreak === 0);
  assert.deepEqual(await statusesOf(id), [
    'health_status: healthy',
    'health_status: unhealthy',
    'health_status: healthy',
  ]);
  await containers().remove(id, { force: true });
});

async function run(id: string, args: readonly string[]): Promise<void> {
  await containers().exec(id, { args, tty: false, openStdin: false, waitForAttach: false });
}

test('a check runs as the container does: user, environment, namespaces', { skip }, async () => {
  const { id } = await bench.start({
    network: 'none',
    user: 'app',
    env: ['SECRET=42'],
    command: ['sleep', '1000'],
    healthcheck: {
      Test: ['CMD', 'sh', '-c', 'id -u; echo $SECRET; readlink /proc/1/exe; ls /proc/self/fd'],
      Interval: 20 * ms,
    },
  });
  const { health } = await until(id, one => one.health?.status === 'healthy');
  const [user, secret, first, ...fds] = health?.log[0]?.output.trim().split('\n') ?? [];
  assert.deepEqual([user, secret, first], ['1000', '42', '/bin/busybox']);
  assert.deepEqual(fds, ['0', '1', '2', '3'], 'only standard streams, and the folder that ls reads');
  await containers().remove(id, { force: true });
});

test('a check that takes too long is killed, and one that cannot be run is told', { skip }, async () => {
  const slow = await checked('sleep 1000', { Timeout: 30 * ms, Retries: 1 });
  const { health } = await until(slow.id, one => one.health?.status === 'unhealthy');
  assert.equal(health?.log[0]?.exitCode, -1);
  assert.match(health?.log[0]?.output ?? '', /Health check exceeded timeout \(30 ms\)/);
  const absent = await bench.start({
    network: 'none',
    command: ['sleep', '1000'],
    healthcheck: { Test: ['CMD', 'nosuch'], Interval: 20 * ms, Retries: 1 },
  });
  const told = await until(absent.id, one => one.health?.status === 'unhealthy');
  assert.equal(told.health?.log[0]?.exitCode, -1);
  assert.match(told.health?.log[0]?.output ?? '', /cannot be run: exec nosuch: No such file/);
  for (const { id } of [slow, absent]) await containers().remove(id, { force: true });
});

test('failures in the start period do not count until it was healthy once', { skip }, async () => {
  const { id } = await checked('exit 1', {
    StartPeriod: 3600e9,
    StartInterval: 10 * ms,
    Interval: 3600e9,
    Retries: 1,
  });
  const { health } = await until(id, one => (one.health?.log.length ?? 0) >= 3);
  assert.deepEqual([health?.status, health?.failingStreak], ['starting', 0]);
  await containers().remove(id, { force: true });
});

test('a flood of output is cut, and a check ends with its container', { skip }, async () => {
  const { id, directory } = await checked('yes | head -c 1000000; sleep 1000', { Timeout: 3600e9 });
  const { monitor } = JSON.parse(readFileSync(`${directory}/state.json`, 'utf8'));
  const helpers = () =>
    readFileSync(`/proc/${monitor.pid}/task/${monitor.pid}/children`, 'utf8').trim().split(' ');
  await eventually('a check runs', () => helpers().length > 1);
  await containers().stop(id, { timeoutSeconds: 0 });
  assert.equal((await containers().get(id)).status, 'exited');
  await containers().remove(id);
  const flood = await checked('yes | head -c 1000000');
  const { health } = await until(flood.id, one => one.health?.status === 'healthy');
  assert.equal(health?.log[0]?.output.length, 4096);
  await containers().remove(flood.id, { force: true });
});

test('a restart begins anew, and a paused container is not asked', { skip }, async t => {
  const { id } = await checked('test ! -e /sick; echo $?', { Retries: 1 });
  await until(id, one => one.health?.status === 'healthy');
  await containers().restart(id, { timeoutSeconds: 0 });
  await until(id, one => one.health?.status === 'healthy');
  try {
    await containers().pause(id);
  } catch {
    await containers().remove(id, { force: true });
    return t.skip('no cgroup can be frozen here');
  }
  await until(id, one => one.status === 'paused');
  await containers().unpause(id);
  const before = (await containers().get(id)).health?.log.at(-1)?.start ?? '';
  await until(id, one => (one.health?.log.at(-1)?.start ?? '') > before);
  assert.equal((await containers().get(id)).health?.status, 'healthy');
  await containers().remove(id, { force: true });
});

test('options win over the image field by field, with docker’s defaults behind', () => {
  const image = { Test: ['CMD', 'a'], Interval: 5e9, Retries: 7 };
  assert.deepEqual(mergeHealth(image, { Timeout: 2e9, Retries: 0 }), { ...image, Timeout: 2e9 });
  assert.deepEqual(mergeHealth(image, { Test: ['NONE'] })?.Test, ['NONE']);
  assert.equal(mergeHealth(undefined, undefined), undefined);
  assert.throws(() => mergeHealth(image, { Interval: 10 }), {
    code: 'invalid-argument',
    message: /less than 1ms/,
  });
  assert.throws(() => mergeHealth(image, { Retries: -1 }), { code: 'invalid-argument' });
  assert.deepEqual(healthSpec({ Healthcheck: image }), {
    args: ['a'],
    interval: 5000,
    timeout: 30_000,
    startPeriod: 0,
    startInterval: 5000,
    retries: 7,
  });
  const shell = healthSpec({ Healthcheck: { Test: ['CMD-SHELL', 'x y'] }, Shell: ['/bin/bash', '-c'] });
  assert.deepEqual(shell?.args, ['/bin/bash', '-c', 'x y']);
  assert.equal(healthSpec({ Healthcheck: { Test: ['NONE'] } }), undefined);
  assert.equal(healthSpec({}), undefined);
});

test('the memory of a monitor that checks stays small', { skip }, async () => {
  const { id, directory } = await checked('yes | head -c 100000', { Interval: 5 * ms });
  await until(id, one => one.health?.log.length === 5);
  const { monitor } = JSON.parse(readFileSync(`${directory}/state.json`, 'utf8'));
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${monitor.pid}/status`, 'utf8'))?.[1];
  assert.ok(Number(anonymous) < 1024, `${anonymous} kB`);
  await containers().remove(id, { force: true });
});
