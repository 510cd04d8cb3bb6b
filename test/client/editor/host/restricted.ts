import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, extension, openText, sampleFile } from './facts.ts';

suite('restricted mode', () => {
  test('diagnostics work in a workspace without trust', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await (await extension()).connection.ready;
    const editor = await openText('Dockerfile.wrong', 'FROM busybox:1\nRUNN make\n');
    const [found] = await diagnostics(editor.document.uri, list => list.length > 0);
    assert.match(found?.message ?? '', /RUNN/);
  });

  test('nothing is built without trust, and nothing offers to', async () => {
    const uri = sampleFile('Dockerfile');
    await vscode.workspace.openTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
    );
    assert.deepEqual(
      lenses.filter(({ command }) => command?.command.startsWith('sampan.')),
      [],
    );
    const { connection } = await extension();
    let events = 0;
    const subscription = connection.onNotification('sampan/build/event', () => events++);
    void vscode.commands.executeCommand('sampan.build', uri);
    // The answer to a later request comes after the events of an earlier one.
    const { images } = await connection.request('sampan/image/list', {});
    subscription.dispose();
    assert.equal(events, 0);
    assert.ok(!images.some(({ tags }) => tags.includes('sample:latest')));
  });
});
