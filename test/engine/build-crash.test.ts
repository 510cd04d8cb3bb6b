import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { testBuild } from './build-bench.ts';
import { dist } from './store-support.ts';
import { engineUnavailable, eventually, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

/** A server of its own that builds, says `started` when its step runs, and then waits to be killed. */
const program = `
const [engineModule, root, run, nativeDirectory, context] = process.argv.slice(1);
const { openEngine } = await import(engineModule);
const engine = await openEngine({ root, run, nativeDirectory, idleSeconds: 1, log: () => undefined });
await engine.builder.build({
  contextDirectory: context,
  dockerfile: { path: context + '/Dockerfile', text: 'FROM busybox\\nRUN echo first > /f\\nRUN echo running; sleep 4321\\n' },
  tags: ['killed:1'],
  network: 'none',
  onProgress: event => {
    if (event.kind === 'output') console.log('started');
  },
});
`;

function processesOf(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

test('a server killed in mid-build leaves nothing that the next one does not remove', { skip }, async () => {
  const build = testBuild(bench);
  const modulePath = join(import.meta.dirname, '../../server/engine/engine.ts');
  const args = [
    '--input-type=module',
    '-e',
    program,
    modulePath,
    bench.root,
    bench.run,
    dist,
    build.directory,
  ];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    server.stdout.once('data', () => resolve());
    server.once('close', () => reject(new Error('the server ended by itself')));
  });
  server.removeAllListeners('close');
  const ended = new Promise(resolve => server.once('close', resolve));
  server.kill('SIGKILL');
  await ended;
  const next = await bench.reopen();
  await eventually('the step folders go', () => readdirSync(join(bench.run, 'b')).length === 0);
  await eventually('the step ends', () => processesOf('sleep\x004321').length === 0);
  await eventually(
    'the unfinished layer goes',
    () => !readdirSync(join(bench.root, 'active')).some(name => name.startsWith('build-')),
  );
  assert.equal(await next.images.find('killed:1'), undefined);
  assert.ok(
    !existsSync(join(bench.root, 'tmp')) ||
      !readdirSync(join(bench.root, 'tmp')).some(name => name.startsWith('step')),
  );
  // What was finished before the kill is kept.
  const again = await testBuild({ ...bench, engine: next }).run('FROM busybox\nRUN echo first > /f\n');
  assert.equal(again.hits, 'H');
});
