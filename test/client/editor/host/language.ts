import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, extension, openText, sampleFile } from './facts.ts';
import { hoverText } from './providers.ts';

suite('language', () => {
  suiteSetup(async () => (await extension()).connection.ready);

  test('a mistake becomes a diagnostic on its line and goes when it is mended', async () => {
    const editor = await openText('Dockerfile.wrong', 'FROM busybox:1\nRUNN make\n');
    const { uri } = editor.document;
    const found = await diagnostics(uri, list => list.length > 0);
    assert.deepEqual(
      found.map(({ range }) => range.start.line),
      [1],
    );
    assert.match(found[0]?.message ?? '', /RUNN/);
    await editor.edit(edit => edit.replace(new vscode.Range(1, 0, 1, 4), 'RUN'));
    await diagnostics(uri, list => list.length === 0);
  });

  test('the sample has no findings, and hover and completion know the instructions', async () => {
    const document = await vscode.workspace.openTextDocument(sampleFile('Dockerfile'));
    await vscode.window.showTextDocument(document);
    const from = new vscode.Position(2, 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      from,
    );
    assert.match(hoverText(hovers), /FROM/);
    const completions = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new vscode.Position(3, 0),
    );
    const labels = completions.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const keyword of ['RUN', 'COPY', 'HEALTHCHECK']) assert.ok(labels.includes(keyword), keyword);
    assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
  });

  test('Build and Run are above the first FROM', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      sampleFile('Dockerfile'),
    );
    const ours = lenses.filter(({ command }) => command?.command.startsWith('sampan.'));
    assert.deepEqual(
      ours.map(({ command, range }) => [range.start.line, command?.command]),
      [
        [2, 'sampan.build'],
        [2, 'sampan.buildAndRun'],
        [2, 'sampan.buildWithOptions'],
      ],
    );
  });
});
