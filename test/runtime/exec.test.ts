import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StartedContainer } from '../../server/engine/runtime/types.ts';
import { Attacher } from './support/attacher.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';
import { execSpec, hostNamespaces, monitorSpec } from './support/spec.ts';

let sandbox: Sandbox;
let container: StartedContainer;
let runDirectory: string;

before(async () => {
  sandbox = makeSandbox();
  const spec = monitorSpec(sandbox, ['sleep', '1000'], {
    waitForAttach: false,
    process: { env: ['PATH=/bin'] },
  });
  runDirectory = spec.runDirectory;
  container = await sandbox.runtime.startContainer(spec);
});
after(async () => {
  await sandbox.runtime.signal(container.process, 9);
  await sandbox.remove();
});

type Change = Parameters<typeof execSpec>[2];

function startExec(args: readonly string[], change?: Change) {
  return sandbox.runtime.startExec(execSpec({ process: container.process, runDirectory }, args, change));
}

async function exec(args: readonly string[], change?: Change) {
  const started = await startExec(args, change);
  const attacher = new Attacher(started.attachSocket);
  const exit = await attacher.exit;
  return { exit, stdout: attacher.stdout, stderr: attacher.stderr };
}

test('an exec runs beside the main process and returns its own code', async () => {
  const { exit, stdout } = await exec(['sh', '-c', 'ps; hostname; exit 3']);
  assert.equal(exit.exitCode, 3);
  assert.match(stdout, /1 0 +sleep 1000/);
  assert.match(stdout, /testhost/);
});

test('an exec gets its terminal from the container', async () => {
  const { exit, stdout } = await exec(['sh', '-c', 'test -t 0 && readlink /proc/self/fd/0'], {
    process: { tty: true },
  });
  assert.equal(exit.exitCode, 0);
  assert.match(stdout, /^\/dev\/pts\/\d+\r\n$/);
});

test('what an exec cannot start is told at once', async () => {
  await assert.rejects(exec(['nowhere']), { code: 'command-not-found' });
  await assert.rejects(exec(['/etc']), { code: 'command-not-executable' });
});

test('an exec reads what its attacher writes', async () => {
  const started = await startExec(['cat'], { openStdin: true });
  const attacher = new Attacher(started.attachSocket);
  attacher.write('over and back');
  attacher.endInput();
  assert.equal((await attacher.exit).exitCode, 0);
  assert.equal(attacher.stdout, 'over and back');
});

test('a hundred execs show the container no descriptor of the host', async () => {
  const watch = await startExec(
    ['sh', '-c', 'while :; do for f in /proc/[0-9]*/fd/*; do readlink $f; done; done'],
    { openStdin: true },
  );
  const attacher = new Attacher(watch.attachSocket);
  await attacher.saw('pipe:');
  for (let i = 0; i < 100; i++) assert.equal((await exec(['true'])).exit.exitCode, 0);
  attacher.signal(9);
  await attacher.exit;
  const seen = new Set(
    attacher.stdout
      .trim()
      .split('\n')
      .filter(line => line.startsWith('/')),
  );
  const expected = [...seen].filter(path => /^\/(dev\/null|proc|dev\/pts)/.test(path));
  assert.deepEqual([...seen], expected);
});

test('an exec into a container that has ended is refused', async () => {
  const gone = { ...container.process, startTime: '1' };
  await assert.rejects(exec(['true'], { container: gone }), { code: 'not-running' });
});

test('an exec joins a container that shares the namespaces of its host', async () => {
  const spec = monitorSpec(sandbox, ['sh', '-c', 'readlink /proc/self/ns/mnt; read line'], {
    ...hostNamespaces,
    openStdin: true,
  });
  const started = await sandbox.runtime.startContainer(spec);
  sandbox.started.push(started);
  const main = new Attacher(started.attachSocket);
  await main.saw('mnt:');
  const shared = { process: started.process, runDirectory: spec.runDirectory };
  const asked = await sandbox.runtime.startExec(execSpec(shared, ['readlink', '/proc/self/ns/mnt']));
  const attacher = new Attacher(asked.attachSocket);
  await attacher.exit;
  assert.equal(attacher.stdout, main.stdout);
  main.endInput();
  await main.exit;
});
