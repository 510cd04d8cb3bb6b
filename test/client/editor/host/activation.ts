import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { commandIds } from '../../../../client/contributions.ts';
import { extension } from './facts.ts';

suite('activation', () => {
  test('takes less than 100 ms and does not wait for the server', async () => {
    const found = vscode.extensions.getExtension('sampan.sampan');
    assert.ok(found);
    assert.equal(found.isActive, false, 'only a Dockerfile, a view or a command activates it');
    const before = performance.now();
    await found.activate();
    const milliseconds = performance.now() - before;
    assert.ok(milliseconds < 100, `${milliseconds.toFixed(0)} ms`);
  });

  test('registers every command', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      commandIds.filter(id => !known.has(id)),
      [],
    );
  });

  test('reaches a server that speaks the same protocol', async () => {
    const { connection } = await extension();
    await connection.ready;
    assert.equal(connection.state, 'ready');
  });
});
