import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SampanError } from '../../server/common/errors.ts';
import type { MountSpec } from '../../server/engine/runtime/types.ts';
import { layer, onLayers } from './support/layers.ts';
import { run, shell } from './support/run.ts';
import { helper, makeSandbox, type Sandbox } from './support/sandbox.ts';

let sandbox: Sandbox;
let volume: string;
before(() => {
  sandbox = makeSandbox();
  volume = join(sandbox.base, 'volume');
  mkdirSync(volume);
});
after(() => sandbox.remove());

function onto(target: string): MountSpec {
  return { kind: 'bind', source: volume, target, readOnly: false, options: [] };
}

function isRefusedMount(error: SampanError): boolean {
  assert.equal(error.code, 'start-failed');
  assert.equal(error.detail.step, 'mount-protected');
  assert.match(error.hint ?? '', /choose another target/);
  return true;
}

test('a link of the image leads no mount onto what the kernel shows', async () => {
  const places = [
    '/proc',
    '/proc/sys',
    '/proc/self/attr',
    '../proc/1',
    '/sys',
    '/sys/fs/cgroup',
    '/dev',
    '/dev/pts',
    '/dev/mqueue',
    '/dev/null',
    '/dev/fd',
  ];
  for (const [index, place] of places.entries()) {
    const lowers = layer(sandbox, `place${index}`, directory => symlinkSync(place, join(directory, 'data')));
    for (const mount of [onto('/data'), { kind: 'tmpfs', target: '/data', readOnly: false, options: [] }])
      await assert.rejects(
        run(sandbox, ['true'], { ...onLayers(sandbox, lowers), mounts: [mount as MountSpec] }),
        isRefusedMount,
        `${place} by ${mount.kind}`,
      );
  }
});

test('a link inside a volume leads no later mount onto what the kernel shows', async () => {
  const own = join(sandbox.base, 'linked');
  mkdirSync(own);
  symlinkSync('/proc', join(own, 'p'));
  symlinkSync('../dev', join(own, 'd'));
  const first = { ...onto('/dev/own'), source: own };
  for (const target of ['/dev/own/p', '/dev/own/p/sys', '/dev/own/d/pts'])
    await assert.rejects(run(sandbox, ['true'], { mounts: [first, onto(target)] }), isRefusedMount);
});

test('places below /dev and /sys that a mount names itself can be had', async () => {
  const lowers = layer(sandbox, 'shared-memory', directory => {
    mkdirSync(join(directory, 'run'));
    symlinkSync('/dev/shm', join(directory, 'run/shm'));
  });
  const mounts = [onto('/dev/own'), onto('/dev/mqueue'), onto('/sys/fs/cgroup'), onto('/run/shm/x')];
  const script = 'for d in /dev/own /dev/mqueue /sys/fs/cgroup /dev/shm/x; do echo x > $d/written; done';
  await shell(sandbox, script, { ...onLayers(sandbox, lowers), mounts });
  assert.deepEqual(readdirSync(volume), ['written']);
});

test('a mount that takes the null device away is refused, for masks are made of it', async () => {
  const cover = (target: string): Promise<unknown> => run(sandbox, ['true'], { mounts: [onto(target)] });
  await assert.rejects(cover('/dev'), { code: 'start-failed', message: /\/dev\/null/, hint: /null device/ });
  const falseNull = { ...onto('/dev/null'), source: '/etc/hostname' };
  await assert.rejects(run(sandbox, ['true'], { mounts: [falseNull] }), { message: /\/dev\/null/ });
});

test('what lies at the place of the console is never opened', async () => {
  const source = join(sandbox.base, 'fifo');
  execFileSync('mkfifo', [source]);
  const mounts = [{ ...onto('/dev/console'), source }];
  const ended = await run(sandbox, ['tty'], { process: { tty: true }, mounts });
  assert.equal(ended.stdout, '/dev/pts/0\r\n');
});

test('the init of a container is no file that anybody can write', async () => {
  const script = `stat -L -c '%d:%i' /proc/1/exe; readlink /proc/1/exe
    (echo x >> /proc/1/exe) && echo WROTE; (echo x > /proc/1/exe) && echo WROTE; true`;
  const { stdout } = await run(sandbox, ['sh', '-c', script], { init: true });
  const { dev, ino } = statSync(helper);
  assert.doesNotMatch(stdout, /WROTE/);
  assert.match(stdout, /^\d+:\d+\n\/memfd:sampan-init/);
  assert.doesNotMatch(stdout, new RegExp(`^${dev}:${ino}\n`));
});
