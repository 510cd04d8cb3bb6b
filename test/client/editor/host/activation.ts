import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../../../client/contributions.ts';
import type { Exports } from '../../../../client/extension.ts';
import { extension } from './facts.ts';

suite('activation', () => {
  test('does not wait for the server', async () => {
    const found = vscode.extensions.getExtension<Exports>('sampan.sampan');
    assert.ok(found);
    assert.equal(found.isActive, false, 'only a Dockerfile, a view or a command activates it');
    const { connection } = await found.activate();
    assert.equal(connection.state, 'starting');
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
