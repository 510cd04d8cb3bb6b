import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
/** Why nothing can be paused here, or false. */
let noFreezer: string | false = false;
before(async () => {
  bench = await openTestEngine();
  const probe = await bench.start(forever);
  await containers()
    .pause(probe.id)
    .catch(error => {
      assert.equal(error.code, 'unsupported');
      assert.match(error.message, /cannot be paused: no cgroup/);
      noFreezer = 'no cgroup can be frozen here';
    });
  await containers().remove(probe.id, { force: true });
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;
const containers = () => bench.engine.containers;
const forever = { network: 'host', command: ['sleep', '1000'] } as const;

/** Clock ticks that a process has used, proc_pid_stat(5). */
const ticksOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join();

test('a paused container stands still until it is unpaused', { skip }, async t => {
  if (noFreezer) return t.skip(noFreezer);
  const { id, pid = 0 } = await bench.start({ ...forever, command: ['sh', '-c', 'while :; do :; done'] });
  await containers().pause(id);
  assert.equal((await containers().get(id)).status, 'paused');
  const frozen = ticksOf(pid);
  for (let look = 0; look < 20; look++) readFileSync('/proc/self/stat');
  assert.equal(ticksOf(pid), frozen);
  assert.ok((await containers().list()).some(one => one.id === id));
  await containers().unpause(id);
  assert.equal((await containers().get(id)).status, 'running');
  while (ticksOf(pid) === frozen) await new Promise(setImmediate);
  await containers().remove(id, { force: true });
});

test('what a paused container cannot do is refused with docker’s words', { skip }, async t => {
  if (noFreezer) return t.skip(noFreezer);
  const { id } = await bench.start(forever);
  const exec = { args: ['true'], tty: false, openStdin: false, waitForAttach: false };
  await assert.rejects(containers().unpause(id), { code: 'conflict', message: /is not paused/ });
  await containers().pause(id);
  await assert.rejects(containers().pause(id), { code: 'conflict', message: /is already paused/ });
  await assert.rejects(containers().exec(id, exec), {
    message: /is paused, unpause the container before exec/,
  });
  await assert.rejects(containers().start(id), { message: /try unpause instead/ });
  await assert.rejects(containers().remove(id), { message: /is paused and must be unpaused first/ });
  await containers().remove(id, { force: true });
  const stopped = await containers().create({ image: 'busybox', ...forever });
  await assert.rejects(containers().pause(stopped.id), { code: 'not-running' });
  await containers().remove(stopped.id);
});

test('stop and kill end a paused container', { skip }, async t => {
  if (noFreezer) return t.skip(noFreezer);
  const one = await bench.start({
    ...forever,
    command: ['sh', '-c', 'trap "exit 4" TERM; while :; do sleep 0.01; done'],
  });
  await containers().pause(one.id);
  await containers().stop(one.id);
  assert.ok([4, 137].includes((await containers().get(one.id)).exitCode ?? -1));
  await containers().start(one.id);
  assert.equal((await containers().get(one.id)).status, 'running');
  await containers().pause(one.id);
  await containers().kill(one.id, 'KILL');
  assert.equal(await containers().wait(one.id), 137);
  await containers().remove(one.id);
});

test('another engine sees that a container is paused, and that it goes on', { skip }, async t => {
  if (noFreezer) return t.skip(noFreezer);
  const { id } = await bench.start(forever);
  await containers().pause(id);
  const other = await bench.reopen();
  assert.equal((await other.containers.get(id)).status, 'paused');
  await other.containers.unpause(id);
  assert.equal((await containers().get(id)).status, 'running');
  await containers().remove(id, { force: true });
});
