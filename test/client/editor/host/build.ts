import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, extension, openText, sampleFile } from './facts.ts';

suite('build', () => {
  test('a failing step becomes a diagnostic on its lines with the end of its output', async () => {
    const editor = await openText(
      'Dockerfile.fails',
      'FROM busybox:latest\nRUN true\nRUN echo about to fail \\\n && exit 3\n',
    );
    const { uri } = editor.document;
    void vscode.commands.executeCommand('sampan.build', uri);
    const found = await diagnostics(uri, list => list.some(({ source }) => source === 'sampan build'));
    const finding = found.find(({ source }) => source === 'sampan build');
    assert.deepEqual([finding?.range.start.line, finding?.range.end.line], [2, 3]);
    assert.match(finding?.message ?? '', /3/);
    const [related] = finding?.relatedInformation ?? [];
    assert.ok(related);
    const output = await vscode.workspace.openTextDocument(related.location.uri);
    assert.match(output.getText(), /about to fail/);
    await editor.edit(edit => edit.insert(new vscode.Position(4, 0), '# mended\n'));
    await diagnostics(uri, list => !list.some(({ source }) => source === 'sampan build'));
  });

  test('the sample builds, and its image has the port and the volume of the Dockerfile', async () => {
    const { connection } = await extension();
    const built = new Promise<void>(resolve => {
      const subscription = connection.onNotification('sampan/didChange', async ({ kinds }) => {
        if (!kinds.includes('image')) return;
        const { images } = await connection.request('sampan/image/list', {});
        if (!images.some(({ tags }) => tags.includes('sample:latest'))) return;
        subscription.dispose();
        resolve();
      });
    });
    void vscode.commands.executeCommand('sampan.build', sampleFile('Dockerfile'));
    await built;
    const image = await connection.request('sampan/image/inspect', { image: 'sample:latest' });
    assert.deepEqual(image.exposedPorts, ['8080/tcp']);
    assert.deepEqual(image.volumes, ['/srv/data']);
    assert.deepEqual(vscode.languages.getDiagnostics(sampleFile('Dockerfile')), []);
  });
});
