import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import {
  eventually,
  helper,
  holderPids,
  isRoot,
  killHolder,
  makeSandbox,
  type Sandbox,
} from './support/sandbox.ts';

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

test('a holder whose folder was deleted takes its bridges along when it leaves', rootOnly, async () => {
  const sandbox = makeSandbox();
  const bridge = `sptestf${process.pid % 10_000}`;
  try {
    const subnet = { subnet: '10.254.254.16/30', gateway: '10.254.254.17/30' };
    await sandbox.runtime.ensureNetwork({ name: 'test', bridge, ...subnet });
    await rm(sandbox.run, { recursive: true });
    await eventually('the bridge is gone', () => !existsSync(`/sys/class/net/${bridge}`));
  } finally {
    await sandbox.remove();
  }
});

test(
  'the bridge of a killed holder is taken along by another one, that of a living one is not',
  rootOnly,
  async () => {
    const [killed, living, leaving] = [makeSandbox(), makeSandbox({ idleSeconds: 3600 }), makeSandbox()];
    const [left, kept] = ['k', 'l'].map(letter => `sptest${letter}${process.pid % 10_000}`);
    try {
      const make = (sandbox: Sandbox, name: string, last: number) =>
        sandbox.runtime.ensureNetwork({
          name: 'test',
          bridge: name,
          subnet: `10.254.254.${last}/30`,
          gateway: `10.254.254.${last + 1}/30`,
        });
      await make(killed, left as string, 20);
      await make(living, kept as string, 24);
      killHolder(killed.run);
      await rm(killed.run, { recursive: true });
      await leaving.holder.ask('info');
      execFileSync(helper, ['dismiss', leaving.run]);
      assert.equal(existsSync(`/sys/class/net/${left}`), false);
      assert.equal(existsSync(`/sys/class/net/${kept}`), true);
    } finally {
      for (const sandbox of [killed, living, leaving]) await sandbox.remove();
    }
  },
);

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
