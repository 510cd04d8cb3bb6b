import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Attacher } from './support/attacher.ts';
import { makeSandbox, type Sandbox } from './support/sandbox.ts';
import { monitorSpec, type SpecChange } from './support/spec.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

/** Run to the end: what it wrote, its exit frame, its record. */
async function run(args: readonly string[], change: SpecChange = {}) {
  const spec = monitorSpec(sandbox, args, change);
  const started = await sandbox.runtime.startContainer(spec);
  const attacher = new Attacher(started.attachSocket);
  const exit = await attacher.exit;
  const state = JSON.parse(readFileSync(join(spec.directory, 'state.json'), 'utf8'));
  return { spec, started, exit, state, stdout: attacher.stdout, stderr: attacher.stderr };
}

test('output, exit code and record of a process agree', async () => {
  const { exit, state, stdout, stderr, spec } = await run(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  assert.deepEqual([stdout, stderr, exit.exitCode], ['out\n', 'err\n', 7]);
  assert.equal(state.status, 'exited');
  assert.equal(state.exitCode, 7);
  const log = readFileSync(join(spec.directory, 'log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(log.map(({ log, stream }) => [stream, log]).sort(), [
    ['stderr', 'err\n'],
    ['stdout', 'out\n'],
  ]);
  assert.equal(existsSync(join(spec.runDirectory, 'attach.sock')), false);
});

test('a missing program is told before the start answers', async () => {
  await assert.rejects(run(['nowhere']), { code: 'command-not-found' });
  await assert.rejects(run(['/etc/nowhere']), { code: 'command-not-found' });
  await assert.rejects(run(['/etc']), { code: 'command-not-executable' });
});
