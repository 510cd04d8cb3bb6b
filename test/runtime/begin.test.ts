import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadNative } from '../../server/engine/native.ts';
import { placeFields } from '../../server/engine/runtime/spec.ts';
import type { ContainerContent, ContainerPlace, MonitorSpec } from '../../server/engine/runtime/types.ts';
import { Attacher } from './support/attacher.ts';
import { eventually, helper, holderPids, isRoot, makeSandbox, type Sandbox } from './support/sandbox.ts';
import { monitorSpec, type SpecChange } from './support/spec.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

/** A group of its own where the tests may make one. */
const group = `/sys/fs/cgroup/unified/sampan-begin-${process.pid}`;
const cgroups =
  isRoot && existsSync('/sys/fs/cgroup/unified') ? [{ path: group, writes: [], enter: true }] : [];

const none = Promise.resolve(undefined);
const absent = { bridge: 'spabsent', gateway: '10.217.0.1', mac: '' };

function begin(
  args: readonly string[],
  change: SpecChange = {},
): { spec: MonitorSpec; place: ContainerPlace } {
  const spec = monitorSpec(sandbox, args, { cgroups, ...change });
  return { spec, place: { ...spec, tty: false, onBridge: spec.network !== undefined } };
}

async function nothingIsLeft(spec: MonitorSpec): Promise<void> {
  assert.equal(existsSync(join(spec.runDirectory, 'attach.sock')), false);
  assert.equal(existsSync(join(spec.directory, 'state.json')), false);
  assert.equal(existsSync(group), false);
}

test('a container begins before its content is known', async () => {
  const { spec, place } = begin(['cat', '/etc/motd']);
  let know = (_: ContainerContent): void => undefined;
  const content = new Promise<ContainerContent>(resolve => {
    know = resolve;
  });
  const starting = sandbox.runtime.beginContainer({ place, network: none, content });
  await eventually('its socket is there', () => existsSync(join(spec.runDirectory, 'attach.sock')));
  const path = join(spec.directory, 'motd');
  know({
    ...spec,
    files: [{ path, content: 'late\n' }],
    mounts: [{ kind: 'bind', source: path, target: '/etc/motd', readOnly: true, options: [] }],
    runRecord: '{"known":true}',
  });
  const started = await starting;
  sandbox.started.push(started);
  assert.ok(existsSync(join(spec.runDirectory, 'run.json')));
  const attacher = new Attacher(started.attachSocket);
  assert.equal((await attacher.exit).exitCode, 0);
  assert.equal(attacher.stdout, 'late\n');
});

test('content that cannot be found out undoes the beginning, and is the reason', async () => {
  const { spec, place } = begin(['true']);
  const reason = new Error('no such link');
  const content = Promise.reject(reason);
  await assert.rejects(sandbox.runtime.beginContainer({ place, network: none, content }), reason);
  await nothingIsLeft(spec);
  await eventually('only the holder', () => holderPids(sandbox.run).length === (isRoot ? 1 : 2));
});

test('a failure of the beginning is told although content follows', async () => {
  const { spec, place } = begin(['true'], { network: absent });
  const network = Promise.resolve(absent);
  const content = Promise.resolve({ ...spec, address: '10.217.0.2/24' });
  await assert.rejects(sandbox.runtime.beginContainer({ place, network, content }), {
    detail: { step: 'network', path: 'spabsent', errno: 'ENODEV' },
  });
  await nothingIsLeft(spec);
});

test('a network that cannot be found out undoes the beginning, and is the reason', async () => {
  const { spec, place } = begin(['true'], { network: absent });
  const reason = new Error('no such network');
  const network = Promise.reject(reason);
  const content = Promise.resolve(spec);
  await assert.rejects(sandbox.runtime.beginContainer({ place, network, content }), reason);
  await nothingIsLeft(spec);
  await eventually('only the holder', () => holderPids(sandbox.run).length === (isRoot ? 1 : 2));
});

/** Somebody waits for the lock on a file: proc_locks(5). */
function isAwaited(path: string): boolean {
  const waiting = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter(line => line.includes('-> FLOCK'));
  return waiting.some(line => line.includes(`:${statSync(path).ino} `));
}

test('a container begins when the mounts of its last life are gone', async () => {
  const { spec, place } = begin(['true']);
  mkdirSync(spec.runDirectory, { recursive: true });
  const lastLife = await loadNative(dirname(helper)).lockFile(`${spec.runDirectory}/.`, 'exclusive');
  const content = Promise.resolve({ ...spec, waitForAttach: false });
  const starting = sandbox.runtime.beginContainer({ place, network: none, content });
  await eventually('its monitor waits', () => isAwaited(spec.runDirectory));
  assert.equal(existsSync(join(spec.runDirectory, 'attach.sock')), false);
  lastLife.release();
  const started = await starting;
  sandbox.started.push(started);
  assert.equal((await new Attacher(started.attachSocket).exit).exitCode, 0);
});

test('a server that goes away before it sent the content leaves nothing', async () => {
  const { spec, place } = begin(['true']);
  const connection = await sandbox.holder.connect();
  const never = async function* (): AsyncGenerator<Uint8Array> {
    await new Promise(() => undefined);
  };
  const answer = connection.request('open', [['role', 'monitor'], ...placeFields(place)], { input: never() });
  answer.catch(() => undefined);
  await eventually('its socket is there', () => existsSync(join(spec.runDirectory, 'attach.sock')));
  connection.close();
  await eventually('its socket is gone', () => !existsSync(join(spec.runDirectory, 'attach.sock')));
  await eventually('only the holder', () => holderPids(sandbox.run).length === (isRoot ? 1 : 2));
  await nothingIsLeft(spec);
});
