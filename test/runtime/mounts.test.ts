import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { MountSpec } from '../../server/engine/runtime/types.ts';
import { run, shell } from './support/run.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';
import { busyboxRootfs } from './support/spec.ts';

let sandbox: Sandbox;
let folder: string;
before(() => {
  sandbox = makeSandbox();
  folder = join(sandbox.base, 'folder');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'file'), 'content');
});
after(() => sandbox.remove());

function bind(target: string, change: Partial<MountSpec> = {}): MountSpec {
  return { kind: 'bind', source: folder, target, readOnly: false, options: [], ...change };
}

test('a folder and a file of the host appear at places that are made for them', async () => {
  const mounts = [bind('/deep/in/here'), bind('/etc/one', { source: join(folder, 'file') })];
  const out = await shell(sandbox, 'cat /deep/in/here/file /etc/one; echo new > /deep/in/here/written', {
    mounts,
  });
  assert.equal(out, 'contentcontent');
  assert.equal(readFileSync(join(folder, 'written'), 'utf8'), 'new\n');
});

test('a read-only bind refuses writes, below too', async () => {
  const mounts = [bind('/data', { readOnly: true })];
  const out = await shell(
    sandbox,
    'for d in /data /data/sub; do echo x 2>&1 > $d/x && echo WROTE; done 2>&1; true',
    {
      mounts,
    },
  );
  assert.doesNotMatch(out, /WROTE/);
  assert.match(out, /Read-only file system/);
});

test('a tmpfs has its size and mode and no programs, unless it may', async () => {
  const script =
    'stat -c %a /t; df -k /t | tail -n 1 | tr -s " " | cut -d " " -f 2; cp /bin/busybox /t; /t/busybox true';
  const mount = { kind: 'tmpfs', target: '/t', readOnly: false } as const;
  const small = { ...mount, options: ['size=4m', 'mode=1711'] };
  const refused = await run(sandbox, ['sh', '-c', script], { mounts: [small] });
  assert.match(refused.stdout, /^1711\n4096\n/);
  assert.equal(refused.exit.exitCode, 126);
  const allowed = { ...mount, options: ['size=4m', 'exec'] };
  assert.equal((await run(sandbox, ['sh', '-c', script], { mounts: [allowed] })).exit.exitCode, 0);
});

test('a later mount lies on an earlier one', async () => {
  const mounts = [{ kind: 'tmpfs', target: '/a', readOnly: false, options: [] } as const, bind('/a/b')];
  assert.equal(await shell(sandbox, 'ls /a; cat /a/b/file', { mounts }), 'b\ncontent');
});

test('a missing source and an unknown option are named', async () => {
  await assert.rejects(run(sandbox, ['true'], { mounts: [bind('/x', { source: '/nowhere/at/all' })] }), {
    code: 'start-failed',
    message: /\/nowhere\/at\/all/,
    hint: /must exist/,
  });
  await assert.rejects(run(sandbox, ['true'], { mounts: [bind('/x', { options: ['sideways'] })] }), {
    message: /sideways/,
  });
});

test('a link inside a volume is followed inside the container', async () => {
  const mounts = [bind('/data'), bind('/data/sub/inner', { source: join(folder, 'file') })];
  assert.equal(await shell(sandbox, 'cat /data/sub/inner', { mounts }), 'content');
});

test('a dangling link at a target gets its target', async () => {
  const lower = join(sandbox.base, 'dangling');
  mkdirSync(join(lower, 'etc'), { recursive: true });
  symlinkSync('../run/systemd/resolve/stub-resolv.conf', join(lower, 'etc/resolv.conf'));
  symlinkSync('/run', join(lower, 'var-run'));
  const [upper, work] = [join(sandbox.base, 'du'), join(sandbox.base, 'dw')];
  mkdirSync(upper);
  mkdirSync(work);
  const rootfs = { lowers: [lower, busyboxRootfs(sandbox)], upper, work };
  const source = join(folder, 'file');
  const mounts = [bind('/etc/resolv.conf', { source }), bind('/var-run/lock/f', { source })];
  const script = 'cat /etc/resolv.conf /run/systemd/resolve/stub-resolv.conf /run/lock/f';
  assert.equal(await shell(sandbox, script, { rootfs, mounts }), 'contentcontentcontent');
});

test('a read-only root file system takes no writes but those of its mounts', async () => {
  const script = 'echo x > /x && echo WROTE; echo y > /data/y && echo ok; echo z > /dev/shm/z && echo ok';
  const ended = await run(sandbox, ['sh', '-c', script], { readOnlyRootfs: true, mounts: [bind('/data')] });
  assert.equal(ended.stdout, 'ok\nok\n');
});

test('128 layers make one root file system', async () => {
  const lowers: string[] = [];
  for (let i = 0; i < 127; i++) {
    const lower = join(sandbox.base, `l${i}`);
    mkdirSync(lower);
    writeFileSync(join(lower, `f${i}`), '');
    writeFileSync(join(lower, 'top'), String(i));
    lowers.push(lower);
  }
  const [upper, work] = [join(sandbox.base, 'lu'), join(sandbox.base, 'lw')];
  mkdirSync(upper);
  mkdirSync(work);
  const rootfs = { lowers: [...lowers, busyboxRootfs(sandbox)], upper, work };
  assert.equal(await shell(sandbox, 'ls -d /f* | wc -l; cat /top', { rootfs }), '127\n0');
});

test('no mount of a container shows on the host', async () => {
  const { runDirectory } = (await run(sandbox, ['true'], { mounts: [bind('/data')] })).spec;
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  assert.ok(runDirectory.startsWith(sandbox.base));
  assert.equal(mounts.includes(sandbox.base), false);
});
