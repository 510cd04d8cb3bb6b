import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ViewId } from '../../../../client/contributions.ts';
import type { ObjectView } from '../../../../client/views/objectView.ts';
import { eventually, extension } from './facts.ts';

suite('views', () => {
  test('the Images view has the base image', async () => {
    const images = await shown('sampan.images');
    assert.ok((await labels(images)).includes('busybox:latest'));
  });

  test('a volume appears and goes by events alone', async () => {
    const { connection } = await extension();
    const volumes = await shown('sampan.volumes');
    const name = `v-${randomUUID()}`;
    await connection.request('sampan/volume/create', { name });
    await eventually(
      volumes.onDidChangeTreeData,
      async () => (await labels(volumes)).includes(name) || undefined,
    );
    await connection.request('sampan/volume/remove', { volume: name });
    await eventually(
      volumes.onDidChangeTreeData,
      async () => !(await labels(volumes)).includes(name) || undefined,
    );
  });

  test('a container that was created is listed with its image and can be inspected', async () => {
    const { connection } = await extension();
    const containers = await shown('sampan.containers');
    const { id, name } = await connection.request('sampan/container/create', {
      options: { image: 'busybox:latest', command: ['true'] },
    });
    try {
      const item = await eventually(containers.onDidChangeTreeData, async () =>
        (await containers.items()).find(row => row.id === `container/${id}`),
      );
      assert.equal(item.label, name);
      assert.equal(item.description, 'created · busybox:latest');
      assert.equal(item.contextValue, 'container created');
      await vscode.commands.executeCommand('sampan.container.inspect', item);
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.languageId, 'json');
      assert.equal(JSON.parse(document?.getText() ?? '').id, id);
    } finally {
      await connection.request('sampan/container/remove', { container: id });
    }
  });
});

/** A view that is visible, so that changes reach it. */
async function shown(id: ViewId): Promise<ObjectView> {
  const { views } = await extension();
  await vscode.commands.executeCommand(`${id}.focus`);
  const view = views.get(id);
  assert.ok(view);
  return view;
}

async function labels(view: ObjectView): Promise<readonly string[]> {
  return (await view.items()).map(({ label }) => label);
}
