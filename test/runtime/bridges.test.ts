import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { eventually, helper, holderPids, isRoot, makeSandbox } from './support/sandbox.ts';

const rootOnly = { skip: isRoot ? false : 'rootless, bridges end with their network namespace' };

test('the holder that leaves takes bridges along that nothing is plugged into', rootOnly, async () => {
  const sandbox = makeSandbox();
  const bridge = `sptest${process.pid % 10_000}`;
  try {
    await sandbox.runtime.ensureNetwork({
      name: 'test',
      bridge,
      subnet: '10.254.254.0/30',
      gateway: '10.254.254.1/30',
    });
    assert.ok(existsSync(`/sys/class/net/${bridge}`));
    await sandbox.runtime.close();
    await eventually('the bridge is gone', () => !existsSync(`/sys/class/net/${bridge}`));
  } finally {
    await sandbox.remove();
  }
});

test('a dismissed holder leaves without its idle time and takes its bridges along', async () => {
  const sandbox = makeSandbox({ idleSeconds: 3600 });
  const bridge = `sptestd${process.pid % 10_000}`;
  try {
    const subnet = { subnet: '10.254.254.8/30', gateway: '10.254.254.9/30' };
    await sandbox.runtime.ensureNetwork({ name: 'test', bridge, ...subnet });
    await sandbox.runtime.close();
    execFileSync(helper, ['dismiss', sandbox.run]);
    assert.deepEqual(holderPids(sandbox.run), []);
    assert.equal(existsSync(`/sys/class/net/${bridge}`), false);
    execFileSync(helper, ['dismiss', sandbox.run]); // nobody there is fine
  } finally {
    await sandbox.remove();
  }
});
