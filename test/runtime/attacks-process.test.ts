import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SampanError } from '../../server/common/errors.ts';
import { Attacher } from './support/attacher.ts';
import { finish, type Running, run, shell, start } from './support/run.ts';
import { helper, isRoot, makeSandbox, type Sandbox } from './support/sandbox.ts';
import { execSpec, hostNamespaces } from './support/spec.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

function execIn(running: Running, args: readonly string[], change: Parameters<typeof execSpec>[2] = {}) {
  const container = { process: running.started.process, runDirectory: running.spec.runDirectory };
  return sandbox.runtime.startExec(execSpec(container, args, change));
}

test('a process finds nothing of the host through the folders of any process it sees', async () => {
  const script = `root=$(stat -c %d:%i /)
    for p in /proc/[0-9]*; do
      for place in root cwd; do
        [ "$(stat -L -c %d:%i $p/$place)" = "$root" ] || echo $p/$place leads to $(readlink $p/$place)
      done
      for f in $p/fd/*; do echo fd $(readlink $f); done
    done`;
  const out = await shell(sandbox, script, { init: true });
  const lines = out.trim().split('\n');
  assert.ok(lines.length >= 5, out);
  for (const line of lines) assert.match(line, /^fd( (pipe:|\/dev\/null|\/proc\/).*)?$/);
});

test('a working directory behind a descriptor is refused for an exec too', async () => {
  const running = await start(sandbox, ['sh', '-c', 'echo up; exec sleep 60']);
  await running.attacher.saw('up');
  for (let fd = 3; fd < 20; fd++)
    await assert.rejects(
      execIn(running, ['true'], { process: { cwd: `/proc/self/fd/${fd}` } }),
      (error: SampanError) => error.detail.step === 'cwd',
    );
  running.attacher.signal(9);
  await running.attacher.exit;
});

test('a script that names its interpreter through /proc does not get at the helper by an exec', async () => {
  const before = createHash('sha256').update(readFileSync(helper)).digest('hex');
  const script = `printf '#!/proc/self/exe\\n' > /s; chmod 755 /s; echo ready
    while :; do for e in /proc/[0-9]*/exe; do (echo x > $e) && echo WROTE $e; done; done 2>/dev/null`;
  const running = await start(sandbox, ['sh', '-c', script]);
  await running.attacher.saw('ready');
  for (let i = 0; i < 20; i++) {
    const { attachSocket } = await execIn(running, ['/s']);
    const { exitCode } = await new Attacher(attachSocket).exit;
    assert.equal(exitCode, 2);
  }
  running.attacher.signal(9);
  await running.attacher.exit;
  assert.doesNotMatch(running.attacher.stdout, /WROTE/);
  assert.equal(createHash('sha256').update(readFileSync(helper)).digest('hex'), before);
});

test('a container in the host’s namespaces cannot look into its monitor or the holder', async () => {
  const running = await start(sandbox, ['sh', '-c', 'echo up; read line; sh -c "$line"'], {
    ...hostNamespaces,
    openStdin: true,
  });
  await running.attacher.saw('up');
  const { pid } = running.started.monitor;
  running.attacher.write(
    `cd /proc/${pid}; ls root/ cwd/; for f in fd/* exe; do readlink $f; done; cat fd/3 exe environ maps mem; true\n`,
  );
  const { stdout, stderr } = await finish(running);
  assert.equal(stdout, 'up\n');
  assert.match(stderr, /Permission denied/);
});

test('no socket of ours has an abstract name, which every process of a network namespace could reach', async () => {
  const running = await start(sandbox, ['sh', '-c', 'echo up; cat'], {
    ...hostNamespaces,
    openStdin: true,
  });
  await running.attacher.saw('up');
  const exec = await execIn(running, ['cat', '/proc/net/unix']);
  const attacher = new Attacher(exec.attachSocket);
  await attacher.exit;
  running.attacher.endInput();
  await running.attacher.exit;
  assert.match(attacher.stdout, /\/run\/holder\.sock/);
  assert.doesNotMatch(attacher.stdout, /@.*(sampan|holder|attach)/);
});

test('another user gets into neither the holder nor a container, even by a folder that is open', {
  skip: !isRoot && 'only root can be somebody else',
}, async () => {
  const running = await start(sandbox, ['cat'], { openStdin: true });
  const sockets = [join(sandbox.run, 'holder.sock'), running.started.attachSocket];
  for (const folder of [sandbox.base, sandbox.run, running.spec.runDirectory]) chmodSync(folder, 0o755);
  const code = `const fs = require('fs'), net = require('net');
    for (const path of ${JSON.stringify(sockets)}) {
      const socket = net.connect(path, () => console.log('connected'));
      socket.on('error', error => console.log(error.code));
      socket.on('data', () => console.log('answered'));
      socket.write(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]));
    }`;
  const asked = spawnSync(
    'setpriv',
    ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, '-e', code],
    {
      encoding: 'utf8',
      timeout: 20_000,
    },
  );
  chmodSync(sandbox.run, 0o700);
  running.attacher.endInput();
  await running.attacher.exit;
  assert.equal(asked.stdout, 'EACCES\nEACCES\n', asked.stderr);
});

test('the terminal of a container is its user’s and nobody else’s', async () => {
  const out = await shell(sandbox, 'stat -c "%a %u" /dev/console /dev/pts/0 /dev/ptmx /dev/tty', {
    process: { tty: true },
  });
  assert.deepEqual(out.trim().split('\r\n'), ['620 0', '620 0', '777 0', out.match(/666 \d+/)?.[0]]);
});

test('more environment and arguments than a program can take are refused in words', async () => {
  const many = Array.from({ length: 40 }, (_, index) => `V${index}=${'x'.repeat(120_000)}`);
  for (const change of [{ env: ['PATH=/bin', ...many] }, { args: ['true', 'y'.repeat(200_000)] }])
    await assert.rejects(run(sandbox, ['true'], { process: change, waitForAttach: false }), {
      code: 'start-failed',
      message: /Argument list too long/,
    });
});
