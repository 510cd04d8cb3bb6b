import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Holder } from '../../server/engine/runtime/holder.ts';
import {
  eventually,
  helper,
  holderPids,
  isRoot,
  killHolder,
  makeSandbox,
  type Sandbox,
} from './support/sandbox.ts';

let sandbox: Sandbox;
before(() => {
  sandbox = makeSandbox();
});
after(() => sandbox.remove());

test('a holder starts when asked for and tells how the host isolates', async () => {
  const facts = await sandbox.holder.ask('info');
  assert.equal(facts.flag('rootless'), !isRoot);
  assert.ok(facts.number('idCount') >= 1);
  assert.equal(facts.text('overlay'), '1', facts.text('overlayErrno'));
});

test('twenty starters at once share one holder', async () => {
  const { root, run } = sandbox;
  const holders = Array.from({ length: 20 }, () => new Holder({ root, run, helper, idleSeconds: 1 }));
  const connections = await Promise.all(holders.map(holder => holder.connect()));
  // Sessions that have just been forked still hold the lock file for a moment.
  const expected = isRoot ? 1 : 2;
  await eventually('one holder', () => holderPids(run).length === expected).finally(() => {
    for (const connection of connections) connection.close();
  });
});

test('a holder that nobody uses leaves and takes its socket along', async () => {
  await sandbox.holder.ask('info');
  await eventually('no holder', () => holderPids(sandbox.run).length === 0);
  assert.equal(existsSync(join(sandbox.run, 'holder.sock')), false);
  await sandbox.holder.ask('info');
});

test('a killed holder is replaced at the next request', async () => {
  await sandbox.holder.ask('info');
  killHolder(sandbox.run);
  await eventually('no holder', () => holderPids(sandbox.run).length === 0);
  const facts = await sandbox.holder.ask('info');
  assert.equal(facts.text('overlay'), '1');
});

test('an unknown role is refused and the holder goes on', async () => {
  await assert.rejects(sandbox.holder.ask('nonsense' as 'info'), { name: 'HelperError', errno: 'EPROTO' });
  await sandbox.holder.ask('info');
});

test('a signal with the wrong start time reaches nobody', async () => {
  const target = `${process.pid} 1 00000000-0000-0000-0000-000000000000`;
  await assert.rejects(sandbox.holder.ask('signal', { target, signal: 9 }), { errno: 'ESRCH' });
});

test('a runtime folder that others can enter is refused with a hint', async () => {
  const run = join(sandbox.base, 'open');
  mkdirSync(run);
  chmodSync(run, 0o777);
  const holder = new Holder({ root: sandbox.root, run, helper });
  await assert.rejects(holder.connect(), (error: { code: string; hint: string }) => {
    assert.equal(error.code, 'isolation-unavailable');
    assert.match(error.hint, /chmod 700/);
    return true;
  });
});

test('a missing helper is named', async () => {
  const holder = new Holder({
    root: sandbox.root,
    run: join(sandbox.base, 'none'),
    helper: '/nowhere/sampan-init',
  });
  await assert.rejects(holder.connect(), {
    code: 'isolation-unavailable',
    message: /\/nowhere\/sampan-init/,
  });
});
