import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MountOption } from '../../server/engine/container/types.ts';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

const volume = (over: Partial<MountOption>): MountOption => ({
  type: 'volume',
  target: '/data',
  readOnly: false,
  options: [],
  createSource: false,
  ...over,
});
const sh = (script: string, options: Parameters<TestEngine['runToEnd']>[0] = {}) =>
  bench.runToEnd({ network: 'none', command: ['sh', '-c', script], ...options });

test('a named volume is shared between containers and outlives them', { skip }, async () => {
  const mounts = [volume({ source: 'shared' })];
  const writer = await sh('echo kept > /data/file', { mounts });
  await bench.engine.containers.remove(writer.container.id, { volumes: true });
  const reader = await sh('cat /data/file; touch /data/x', {
    mounts: [volume({ source: 'shared', readOnly: true })],
  });
  assert.equal(reader.stdout, 'kept\n');
  assert.match(reader.stderr, /Read-only/);
  await assert.rejects(bench.engine.volumes.remove('shared'), {
    code: 'conflict',
    message: new RegExp(reader.container.name),
  });
  await bench.engine.containers.remove(reader.container.id);
  await bench.engine.volumes.remove('shared');
  await assert.rejects(bench.engine.volumes.get('shared'), { code: 'not-found' });
});

test('an empty volume is filled from the image with owner and mode, once', { skip }, async () => {
  const made = await sh('mkdir -m 750 /stock; echo from-image > /stock/file; chown -R app:staff /stock');
  await bench.engine.containers.commit(made.container.id, { tags: ['stock'] });
  const mounts = [volume({ source: 'filled', target: '/stock' })];
  const first = await sh('stat -c "%U:%G %a" /stock; cat /stock/file; echo changed > /stock/file', {
    image: 'stock',
    mounts,
  });
  assert.equal(first.stdout, 'app:staff 750\nfrom-image\n');
  const second = await sh('cat /stock/file', { image: 'stock', mounts });
  assert.equal(second.stdout, 'changed\n');
  const without = await sh('ls -A /stock', {
    image: 'stock',
    mounts: [volume({ source: 'bare', target: '/stock', options: ['nocopy'] })],
  });
  assert.equal(without.stdout, '');
});

test('an image’s volume is anonymous, and goes with rm -v', { skip }, async () => {
  const made = await sh('true');
  await bench.engine.containers.commit(made.container.id, {
    tags: ['with-volume'],
    changes: ['VOLUME /var/lib/db'],
  });
  const { container } = await sh('echo x > /var/lib/db/file', { image: 'with-volume' });
  const [mount] = container.mounts;
  assert.equal(mount?.target, '/var/lib/db');
  assert.ok((await bench.engine.volumes.get(mount?.volume ?? '')).anonymous);
  await bench.engine.containers.remove(container.id, { volumes: true });
  await assert.rejects(bench.engine.volumes.get(mount?.volume ?? ''), { code: 'not-found' });
});

test('volumes-from shares the mounts of another container', { skip }, async () => {
  const owner = await sh('echo theirs > /data/file', { mounts: [volume({})] });
  const user = await sh('cat /data/file; touch /data/x', { volumesFrom: [`${owner.container.name}:ro`] });
  assert.equal(user.stdout, 'theirs\n');
  assert.match(user.stderr, /Read-only/);
  await bench.engine.containers.remove(owner.container.id, { volumes: true });
  assert.equal((await bench.engine.volumes.get(user.container.mounts[0]?.volume ?? '')).anonymous, true);
});
