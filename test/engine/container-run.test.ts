import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { engineUnavailable, openTestEngine, type TestEngine } from './support.ts';

let bench: TestEngine;
before(async () => {
  bench = await openTestEngine();
});
after(() => bench.close());
const skip = engineUnavailable() ?? false;

test('a container runs its command and keeps output and exit code', { skip }, async () => {
  const done = await bench.runToEnd({ command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
  assert.equal(done.exitCode, 7);
  assert.equal(done.stdout, 'out\n');
  assert.equal(done.stderr, 'err\n');
  assert.equal(done.container.status, 'exited');
  assert.equal(done.container.exitCode, 7);
});
