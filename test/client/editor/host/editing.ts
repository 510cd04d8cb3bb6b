import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, extension, openText, sampleFile } from './facts.ts';
import { applied, ask, hoverText, openAt, openDockerfile } from './providers.ts';

suite('changes to a Dockerfile', () => {
  suiteSetup(async () => (await extension()).connection.ready);

  test('formatting keeps nested indentation and heredocs', async () => {
    const text =
      'FROM a\nRUN if x; then \\\n    y && \\\n        z; \\\n  fi   \nCOPY <<E /f\n   kept   \nE\n\n';
    const document = await openDockerfile(text);
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await ask<vscode.TextEdit[]>('FormatDocumentProvider', document.uri, options);
    const formatted = await applied(document, edits);
    assert.match(formatted, /then \\\n {4}y && \\\n {8}z; \\\n {2}fi\nCOPY <<E \/f\n {3}kept {3}\nE\n$/);
    const range = new vscode.Range(0, 0, 1, 0);
    const other = await openDockerfile('FROM a   \nRUN x   \n');
    const some = await ask<vscode.TextEdit[] | undefined>('FormatRangeProvider', other.uri, range, options);
    assert.equal(await applied(other, some ?? []), 'FROM a\nRUN x   \n');
  });

  test('a line behind a continuation is indented as it is typed', async () => {
    const { document, position } = await openAt('FROM a\nRUN x \\\n|y\n');
    const options = { tabSize: 4, insertSpaces: true };
    const edits = await ask<vscode.TextEdit[]>('FormatOnTypeProvider', document.uri, position, '\n', options);
    assert.equal(await applied(document, edits), 'FROM a\nRUN x \\\n    y\n');
  });

  test('quick fixes mend findings, one by one and all at once', async () => {
    const document = await openDockerfile('FROM busybox:1 as base\nMAINTAINER me\nRUN cd /x\n');
    await diagnostics(document.uri, found => found.length > 1);
    const whole = new vscode.Range(0, 0, 9, 0);
    const actions = await ask<vscode.CodeAction[]>('CodeActionProvider', document.uri, whole);
    const casing = actions.find(
      ({ edit, isPreferred }) =>
        isPreferred && edit?.get(document.uri).some(({ newText }) => newText === 'AS'),
    );
    assert.ok(casing?.edit);
    assert.ok(
      actions.some(({ title }) => /ignore|skip/i.test(title)),
      'a finding can be silenced',
    );
    const [all] = await ask<vscode.CodeAction[]>('CodeActionProvider', document.uri, whole, 'source.fixAll');
    assert.ok(all?.edit);
    await vscode.workspace.applyEdit(all.edit);
    assert.match(document.getText(), /^FROM busybox:1 AS base\nLABEL .*me/);
  });

  test('refactorings extract, merge, convert and sort', async () => {
    const kinds = async (text: string, kind: string) => {
      const { document, position } = await openAt(text);
      const range = new vscode.Range(position, position);
      const actions = await ask<vscode.CodeAction[]>('CodeActionProvider', document.uri, range, kind);
      return actions.map(({ title }) => title).join('\n');
    };
    assert.match(await kinds('FROM alpine:3.|20\n', 'refactor.extract'), /ARG/);
    assert.match(await kinds('FROM a\nRUN x|\nRUN y\n', 'refactor.rewrite'), /[Mm]erge/);
    assert.match(await kinds('FROM a\nCMD ec|ho x\n', 'refactor.rewrite'), /exec form/);
    assert.match(await kinds('FROM a\nRUN apk add \\\n  b| \\\n  a\n', 'refactor.rewrite'), /[Ss]ort/);
  });

  test('the fix for a large context makes an ignore file, and its lines tell what they match', async () => {
    const folder = vscode.Uri.joinPath(sampleFile('large'));
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(folder, 'node_modules/left'));
    await vscode.workspace.fs.writeFile(
      vscode.Uri.joinPath(folder, 'node_modules/left/pad.js'),
      new Uint8Array(),
    );
    const { document } = await openText('large/Dockerfile', 'FROM busybox:1\nCOPY . /x/\n');
    await diagnostics(document.uri, found => found.some(one => codeOf(one) === 'LargeContext'));
    const place = new vscode.Range(1, 6, 1, 6);
    const actions = await ask<vscode.CodeAction[]>('CodeActionProvider', document.uri, place);
    const fix = actions.find(({ title }) => title === 'Leave node_modules out in .dockerignore');
    assert.ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    const uri = vscode.Uri.joinPath(folder, '.dockerignore');
    const ignore = await vscode.workspace.openTextDocument(uri);
    assert.equal(ignore.getText(), 'node_modules\n');
    assert.equal(ignore.languageId, 'dockerignore');
    await ignore.save();
    await diagnostics(document.uri, found => !found.some(one => codeOf(one) === 'LargeContext'));
    const editor = await vscode.window.showTextDocument(ignore);
    await editor.edit(edit => edit.insert(new vscode.Position(1, 0), 'absent\n'));
    await diagnostics(uri, found => found.some(one => codeOf(one) === 'matches-nothing'));
    const hovers = await ask<vscode.Hover[]>('HoverProvider', uri, new vscode.Position(0, 3));
    assert.match(hoverText(hovers), /Leaves out 1 file and 2 folders/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(folder, { recursive: true });
  });

  test('the outline of an untitled document and of one with CRLF is there', async () => {
    const symbolsOf = async (document: vscode.TextDocument) =>
      (await ask<vscode.DocumentSymbol[]>('DocumentSymbolProvider', document.uri)).map(symbol => symbol.name);
    const content = 'FROM a AS one\r\nRUN x \\\r\n  y\r\n';
    const untitled = await vscode.workspace.openTextDocument({ language: 'dockerfile', content });
    assert.deepEqual(await symbolsOf(untitled), ['one']);
    for (const file of ['Containerfile', 'web.dockerfile', 'Dockerfile.dev']) {
      const { document } = await openText(file, content);
      assert.equal(document.languageId, 'dockerfile', file);
      assert.deepEqual(await symbolsOf(document), ['one']);
      await vscode.workspace.fs.delete(document.uri);
    }
  });
});

function codeOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === 'object' ? code.value : code;
}
