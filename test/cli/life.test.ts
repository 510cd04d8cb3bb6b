import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CommandSandbox, cannotRun, openSandbox } from './sandbox.ts';

let sandbox: CommandSandbox;
before(async () => {
  if (!cannotRun) sandbox = await openSandbox();
});
after(() => sandbox?.remove());
const skip = cannotRun;

test('pause and unpause print what they were given, and ps says so', { skip }, async t => {
  await sandbox.ok('run', '-d', '--name', 'still', '--network', 'host', 'base', 'sleep', '1000');
  const paused = await sandbox.sampan(['pause', 'still']);
  if (/no cgroup that can be frozen/.test(paused.stderr)) return t.skip('no cgroup can be frozen here');
  assert.deepEqual(paused, { code: 0, stdout: 'still\n', stderr: '' });
  assert.match(await sandbox.ok('ps', '--format', '{{.Status}} {{.State}}'), /^Up .* \(Paused\) paused$/);
  assert.equal(
    await sandbox.ok('ps', '-q', '--filter', 'status=paused', '--no-trunc').then(id => id.length),
    64,
  );
  assert.equal(
    await sandbox.ok('inspect', '-f', '{{.State.Paused}} {{.State.Status}}', 'still'),
    'true paused',
  );
  const refused = await sandbox.sampan(['exec', 'still', 'true']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Container still is paused, unpause the container before exec/);
  assert.equal((await sandbox.sampan(['attach', 'still'])).code, 1);
  assert.equal(await sandbox.ok('container', 'unpause', 'still'), 'still');
  assert.equal((await sandbox.sampan(['unpause', 'still'])).code, 1);
  await sandbox.ok('rm', '-f', 'still');
});
