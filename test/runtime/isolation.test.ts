import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SampanError } from '../../server/common/errors.ts';
import { layer, onLayers } from './support/layers.ts';
import { finish, run, shell, start } from './support/run.ts';
import { helper, isRoot, makeSandbox, type Sandbox } from './support/sandbox.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

/** SECCOMP_RET_ERRNO, seccomp(2). */
function errno(number: number): number {
  return 0x50000 | number;
}

/** What a filter answers to a native call without arguments: classic BPF as far as libseccomp uses it, seccomp(2). */
function answerTo(filter: Uint8Array, call: number): number {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  const data = [call, process.arch === 'x64' ? 0xc000003e : 0xc00000b7];
  let accumulator = 0;
  for (let at = 0; ; at += 8) {
    const code = view.getUint16(at, true);
    const operand = view.getUint32(at + 4, true);
    if (code === 0x06) return operand;
    if (code === 0x20) accumulator = data[operand / 4] ?? 0;
    else if (code === 0x05) at += 8 * operand;
    else at += 8 * view.getUint8(at + (holds(code, accumulator, operand) ? 2 : 3));
  }
}

function holds(code: number, left: number, right: number): boolean {
  if (code === 0x15) return left === right;
  if (code === 0x25) return left > right;
  if (code === 0x35) return left >= right;
  assert.fail(`unexpected BPF code ${code}`);
}

test('capabilities are the ones asked for, in every set that counts', async () => {
  const out = await shell(sandbox, 'grep -E "^(Cap|NoNewPrivs)" /proc/self/status', {
    process: { capabilities: [0, 7], noNewPrivileges: true },
  });
  const sets = Object.fromEntries(
    out
      .trim()
      .split('\n')
      .map(line => line.split(/:\s*/)),
  );
  assert.equal(sets.CapPrm, '0000000000000081');
  assert.equal(sets.CapEff, '0000000000000081');
  assert.equal(sets.CapBnd, '0000000000000081');
  assert.equal(sets.CapInh, '0000000000000000');
  assert.equal(sets.CapAmb, '0000000000000000');
  assert.equal(sets.NoNewPrivs, '1');
});

test('an ordinary user has no capability left', async () => {
  const host = await sandbox.runtime.host();
  if (host.idCount < 1001) return;
  const out = await shell(sandbox, 'grep -E "^Cap(Prm|Eff)" /proc/self/status', {
    process: { uid: 1000, gid: 1000 },
  });
  assert.deepEqual(out.match(/[0-9a-f]{16}/g), ['0000000000000000', '0000000000000000']);
});

test('masked paths are empty and read-only paths cannot be written', async () => {
  const out = await shell(
    sandbox,
    `wc -c < /proc/keys; ls /sys/firmware | wc -l
     for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do
       echo x > $f && echo WROTE $f; done 2>&1; true`,
  );
  assert.match(out, /^0\n0\n/);
  assert.doesNotMatch(out, /WROTE/);
  assert.match(out, /Read-only file system/);
});

test('mounting, unsharing and raw devices are out of reach', async () => {
  const out = await shell(
    sandbox,
    `mount -t tmpfs x /tmp && echo MOUNTED; umount /proc/keys && echo UNMOUNTED; unshare -m true && echo UNSHARED
     mknod /n c 1 3 && cat /n && echo READ; mknod /dev/n c 1 3 && cat /dev/n && echo READ; true`,
  );
  assert.equal(out, '');
});

test('a process has no descriptor of the host and no key of its starter', async () => {
  const out = await shell(
    sandbox,
    'cd /proc/self/fd; for f in *; do readlink $f || true; done; wc -l < /proc/keys',
  );
  for (const target of out.trim().split('\n').slice(0, -1))
    assert.match(target, /^(pipe:|\/dev\/null|\/proc\/)/);
  assert.match(out, /\n0\n$/);
});

test('a working directory behind a descriptor is refused', async () => {
  for (let fd = 3; fd < 20; fd++)
    for (const createCwd of [true, false]) {
      const process = { cwd: `/proc/self/fd/${fd}`, createCwd };
      await assert.rejects(
        run(sandbox, ['true'], { process }),
        (error: SampanError) => error.detail.step === 'cwd',
      );
    }
});

test('a working directory is made when asked for and entered as the user', async () => {
  assert.equal(await shell(sandbox, 'pwd', { process: { cwd: '/a/b', createCwd: true } }), '/a/b\n');
  await assert.rejects(shell(sandbox, 'pwd', { process: { cwd: '/a/b' } }), { code: 'start-failed' });
});

test('links of an image never lead a mount out of it', async () => {
  const canary = join(sandbox.base, 'canary');
  writeFileSync(canary, 'untouched');
  const source = join(sandbox.base, 'hosts');
  writeFileSync(source, 'from the engine');
  for (const [index, link] of [canary, `../../../../../../../..${canary}`].entries()) {
    const lowers = layer(sandbox, `hosts${index}`, directory => {
      mkdirSync(join(directory, 'etc'));
      symlinkSync(link, join(directory, 'etc/hosts'));
    });
    const mounts = [{ kind: 'bind', source, target: '/etc/hosts', readOnly: false, options: [] } as const];
    assert.equal(
      await shell(sandbox, 'cat /etc/hosts', { ...onLayers(sandbox, lowers), mounts }),
      'from the engine',
    );
    assert.equal(readFileSync(canary, 'utf8'), 'untouched');
  }
});

test('a neighbour that swaps the target of a mount for a link leads it nowhere', async () => {
  const [volume, outside, source] = ['volume', 'outside', 'source'].map(name => join(sandbox.base, name));
  for (const directory of [volume, outside, source] as string[]) mkdirSync(directory);
  const shared = {
    kind: 'bind',
    source: volume as string,
    target: '/v',
    readOnly: false,
    options: [],
  } as const;
  const swap = `while :; do rm -rf /v/x; mkdir -p /v/x/y; rm -rf /v/x; ln -s ../..${outside} /v/x; rm -f /v/x; done`;
  const attacker = await start(sandbox, ['sh', '-c', `echo up; ${swap}`], { mounts: [shared] });
  await attacker.attacher.saw('up');
  const mounts = [shared, { ...shared, source: source as string, target: '/v/x/y' }];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, () => run(sandbox, ['true'], { mounts })),
  );
  attacker.attacher.signal(9);
  await attacker.attacher.exit;
  // A start may lose its target to the neighbour and fail; it never makes or mounts anything elsewhere.
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.equal((outcome.reason as SampanError).code, 'start-failed');
  assert.deepEqual(readdirSync(outside as string), []);
});

test('an image whose /proc, /dev or /sys is a link is refused', async () => {
  for (const name of ['proc', 'dev', 'sys']) {
    const lowers = layer(sandbox, `link-${name}`, directory =>
      symlinkSync('../../tmp', join(directory, name)),
    );
    await assert.rejects(run(sandbox, ['true'], onLayers(sandbox, lowers)), { code: 'start-failed' });
  }
});

test('no mount covers /proc', async () => {
  for (const target of ['/proc', '/proc/sys', '//proc/self']) {
    const mounts = [{ kind: 'tmpfs', target, readOnly: false, options: [] } as const];
    await assert.rejects(run(sandbox, ['true'], { mounts }), { code: 'start-failed' });
  }
});

test('the helper cannot be overwritten from inside', async () => {
  const before = createHash('sha256').update(readFileSync(helper)).digest('hex');
  const script = `echo x >> /proc/1/exe && echo WROTE; printf '#!/proc/self/exe\\n' > /s; chmod 755 /s; /s holder; true`;
  const ended = await run(sandbox, ['sh', '-c', script], { init: true });
  assert.doesNotMatch(ended.stdout, /WROTE/);
  assert.equal(createHash('sha256').update(readFileSync(helper)).digest('hex'), before);
});

test('each rootless container has a user namespace of its own', {
  skip: isRoot && 'root has none',
}, async () => {
  const script = ['sh', '-c', 'readlink /proc/self/ns/user; read line'];
  const containers = await Promise.all([0, 1].map(() => start(sandbox, script, { openStdin: true })));
  for (const { attacher } of containers) await attacher.saw('user:');
  const [one, two] = containers.map(({ attacher }) => attacher.stdout);
  for (const { attacher } of containers) attacher.endInput();
  await Promise.all(containers.map(finish));
  assert.notEqual(one, two);
});

test('a seccomp filter answers as its rules say', async () => {
  const { bytes: filter, compiler } = await sandbox.runtime.compileSeccomp({
    defaultAction: 'allow',
    rules: [
      { names: ['mkdir', 'mkdirat', 'no_such_call'], action: 'errno:13', args: [] },
      { names: ['personality'], action: 'errno:1', args: [{ index: 0, op: 'ne', value: '4294967295' }] },
    ],
  });
  assert.ok(filter.length > 0 && filter.length % 8 === 0);
  assert.match(compiler, /^[0-9a-f]{40}$/);
  assert.equal(compiler, await sandbox.runtime.helperBuildId());
  const seccompFilter = join(sandbox.base, 'filter.bpf');
  writeFileSync(seccompFilter, filter);
  for (const noNewPrivileges of [true, false]) {
    const out = await shell(sandbox, 'mkdir /d 2>&1 || true; grep -E "^Seccomp:" /proc/self/status', {
      seccompFilter,
      process: { noNewPrivileges },
    });
    assert.match(out, /Permission denied/);
    assert.match(out, /Seccomp:\s+2/);
  }
});

test('a call that libseccomp does not know is missing, not forbidden', async () => {
  const rules = [{ names: ['mkdir', 'mkdirat'], action: 'errno:13', args: [] }];
  const strict = await sandbox.runtime.compileSeccomp({ defaultAction: 'errno:1', rules });
  const open = await sandbox.runtime.compileSeccomp({ defaultAction: 'allow', rules });
  const unknown = 1000;
  const armPrivate = 0x0f0002;
  assert.equal(answerTo(strict.bytes, unknown), errno(38));
  assert.equal(answerTo(strict.bytes, armPrivate), errno(1));
  assert.equal(answerTo(open.bytes, unknown), 0x7fff0000);
});

test('a seccomp rule with nonsense is refused', async () => {
  const rules = [{ names: ['mkdir'], action: 'explode', args: [] }];
  await assert.rejects(sandbox.runtime.compileSeccomp({ defaultAction: 'allow', rules }), {
    code: 'start-failed',
  });
});
