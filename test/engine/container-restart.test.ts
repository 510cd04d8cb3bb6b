import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { after, before, test } from 'node:test';
import { startsAtBoot } from '../../server/engine/container/restartPolicy.ts';
import type { Container } from '../../server/engine/container/types.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;

const always = { restart: { name: 'always', maximumRetries: 0 }, network: 'none' } as const;
const onFailure = (maximumRetries: number) =>
  ({ restart: { name: 'on-failure', maximumRetries }, network: 'none' }) as const;
const sh = (script: string) => ({ command: ['sh', '-c', script] });

/** The container once a look at it passes. */
async function seen(id: string, passes: (container: Container) => boolean): Promise<Container> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const last = await containers().get(id);
    if (passes(last)) return last;
    const { status, exitCode, restartCount, error } = last;
    assert.ok(Date.now() < deadline, JSON.stringify({ status, exitCode, restartCount, error }));
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

test('a container that fails is run again as often as its policy says, and keeps its files', {
  skip,
}, async () => {
  const { id } = await bench.start({ ...onFailure(2), ...sh('echo x >> /n; cat /n; echo --; exit 3') });
  const done = await seen(id, ({ status }) => status === 'exited');
  assert.equal(done.exitCode, 3, done.error);
  assert.equal(done.restartCount, 2);
  assert.equal((await bench.output(id)).stdout, 'x\n--\nx\nx\n--\nx\nx\nx\n--\n');
  await containers().remove(id);
});

test('on-failure lets a success be the end, always does not', { skip }, async () => {
  const one = await bench.start({ ...onFailure(0), ...sh('exit 0') });
  assert.equal(await containers().wait(one.id), 0);
  assert.equal((await containers().get(one.id)).status, 'exited');
  const two = await bench.start({ ...always, ...sh('exit 0') });
  await seen(two.id, ({ restartCount }) => restartCount >= 2);
  await containers().stop(two.id);
  const stopped = await containers().get(two.id);
  assert.equal(stopped.status, 'exited');
  for (const { id } of [one, two]) await containers().remove(id);
});

test('stop ends a container in its pause, and start lets it run again', { skip }, async () => {
  const { id } = await bench.start({ ...always, ...sh('exit 7') });
  await seen(id, ({ status, restartCount }) => status === 'restarting' && restartCount >= 3);
  assert.ok((await containers().list()).some(one => one.id === id));
  const exec = { args: ['true'], tty: false, openStdin: false, waitForAttach: false };
  await assert.rejects(containers().exec(id, exec), /is (restarting, wait until|not running)/);
  await containers().stop(id);
  const stopped = await containers().get(id);
  assert.deepEqual([stopped.status, stopped.exitCode], ['exited', 7]);
  await containers().start(id);
  await seen(id, ({ restartCount }) => restartCount === 1);
  await assert.rejects(containers().remove(id), {
    code: 'conflict',
    message: /container is (restarting|running)/,
  });
  await containers().remove(id, { force: true });
});

test('a kill of what runs is not the end unless it says so; the end by hand is', { skip }, async () => {
  const { id, pid = 0 } = await bench.start({ ...always, command: ['sleep', '1000'] });
  process.kill(pid, 'SIGKILL');
  const again = await seen(id, one => one.status === 'running' && one.pid !== pid);
  assert.equal(again.restartCount, 1);
  await containers().kill(id, 'KILL');
  const killed = await seen(id, ({ status }) => status === 'exited');
  assert.equal(killed.exitCode, 137);
  await containers().remove(id);
});

test('the attach session of a run ends with it, and the exit code is that of the run', { skip }, async () => {
  const { id } = await bench.start({ ...onFailure(1), ...sh('sleep 0.05; exit 9') });
  assert.equal(await containers().wait(id), 9);
  await seen(id, ({ status, restartCount }) => status === 'exited' && restartCount === 1);
  await containers().remove(id);
});

test('published ports and the address stay over a restart', { skip }, async () => {
  const { network: _, ...policy } = always;
  const { id } = await bench.start({
    ...policy,
    ...sh('echo run > /tmp/x; nc -l -p 80 < /tmp/x'),
    ports: [{ hostIp: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' }],
  });
  const first = await containers().get(id);
  const port = first.ports[0]?.hostPort ?? 0;
  for (const run of [1, 2]) {
    let text = '';
    while (text === '') text = await readAll(port);
    assert.equal(text, 'run\n', `run ${run}`);
    await seen(id, ({ restartCount, status }) => restartCount >= run && status === 'running');
  }
  const later = await containers().get(id);
  assert.equal(later.ports[0]?.hostPort, port);
  assert.equal(later.network.address, first.network.address);
  await containers().remove(id, { force: true });
});

function readAll(port: number): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    const socket = createConnection(port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

test('a container whose monitor is killed in its pause has ended, and a boot starts what its policy says', {
  skip,
}, async () => {
  const kept = await bench.start({
    ...always,
    ...sh('[ -e /once ] && exec sleep 1000; touch /once; exit 4'),
  });
  const lost = await bench.start({ ...always, ...sh('[ -e /later ] && exec sleep 1000; exit 5') });
  await seen(lost.id, ({ status, restartCount }) => status === 'restarting' && restartCount >= 2);
  const state = JSON.parse(readFileSync(`${lost.directory}/state.json`, 'utf8'));
  process.kill(state.monitor.pid, 'SIGKILL');
  await seen(lost.id, ({ status }) => status === 'exited');
  const byHand = await bench.start({
    restart: { name: 'unless-stopped', maximumRetries: 0 },
    network: 'none',
    command: ['sleep', '1000'],
  });
  await containers().stop(byHand.id, { timeoutSeconds: 0 });
  await seen(kept.id, ({ status }) => status === 'running');
  const { started, failed } = await containers().startByPolicy();
  assert.deepEqual([started, failed], [[lost.name], []]);
  for (const { id } of [kept, lost, byHand]) await containers().remove(id, { force: true });
});

test('memory that ran out in an earlier run is not told of a later one', { skip }, async t => {
  const { cgroup } = await bench.engine.info();
  if (!cgroup.controllers.includes('memory')) return t.skip('no memory controller here');
  const { id } = await bench.start({
    ...onFailure(1),
    ...sh('[ -e /once ] && exit 6; touch /once; tail /dev/zero'),
    limits: { memory: 16 * 2 ** 20, memorySwap: 16 * 2 ** 20 },
  });
  const done = await seen(id, ({ status }) => status === 'exited');
  assert.deepEqual([done.exitCode, done.oomKilled, done.restartCount], [6, false, 1]);
  await containers().remove(id);
});

test('the life of a container that is run again is told', { skip }, async () => {
  const { id } = await bench.start({ ...onFailure(1), ...sh('exit 2') });
  await seen(id, ({ status }) => status === 'exited');
  await containers().remove(id);
  const page = await bench.engine.readEvents({ since: '1', until: '0s', filters: { container: [id] } });
  assert.deepEqual(
    page.events.map(({ action }) => action),
    ['create', 'start', 'die', 'start', 'die', 'destroy'],
  );
});

test('policies that are none, or do not fit, are refused', { skip }, async () => {
  const create = (options: object) => containers().create({ image: 'busybox', ...options });
  const policy = (name: string, maximumRetries = 0) => ({ restart: { name, maximumRetries } });
  await assert.rejects(create(policy('foo')), { code: 'invalid-argument', message: /unknown policy 'foo'/ });
  await assert.rejects(create(policy('always', 3)), /can only be used with 'on-failure'/);
  await assert.rejects(create(policy('on-failure', -1)), /cannot be negative/);
  await assert.rejects(create({ ...policy('always'), autoRemove: true }), /both --restart and --rm/);
});

test('what a boot starts follows the policy and what was stopped by hand', () => {
  type Facts = Parameters<typeof startsAtBoot>[0];
  const facts = (name: string, more: object) =>
    ({
      record: { options: { restart: { name, maximumRetries: 0 } } },
      state: { status: 'exited', exitCode: 1 },
      monitorAlive: false,
      ...more,
    }) as unknown as Facts;
  const lost = { state: { status: 'running' } };
  assert.equal(startsAtBoot(facts('always', { stoppedByHand: true })), true);
  assert.equal(startsAtBoot(facts('always', { state: undefined })), false);
  assert.equal(startsAtBoot(facts('always', { monitorAlive: true })), false);
  assert.equal(startsAtBoot(facts('unless-stopped', { stoppedByHand: true })), false);
  assert.equal(startsAtBoot(facts('unless-stopped', {})), true);
  assert.equal(startsAtBoot(facts('on-failure', {})), false);
  assert.equal(startsAtBoot(facts('on-failure', lost)), true);
  assert.equal(startsAtBoot(facts('no', lost)), false);
});

test('a restart leaves no descriptor and no process behind', { skip }, async () => {
  const { id, directory } = await bench.start({ ...always, ...sh('sleep 0.01; exit 1') });
  /** In a pause, once what belonged to the run before is closed. */
  const fewest = async (count: number) => {
    await seen(id, ({ restartCount, status }) => restartCount === count && status === 'restarting');
    const { monitor } = JSON.parse(readFileSync(`${directory}/state.json`, 'utf8'));
    const looks: number[] = [];
    while (looks.length < 20) {
      looks.push(readdirSync(`/proc/${monitor.pid}/fd`).length);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    return Math.min(...looks);
  };
  const early = await fewest(3);
  assert.equal(await fewest(5), early);
  await containers().remove(id, { force: true });
  assert.ok(!existsSync(directory));
});
