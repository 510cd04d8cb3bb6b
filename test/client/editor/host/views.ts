import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Connection } from '../../../../client/connection.ts';
import type { ViewId } from '../../../../client/contributions.ts';
import type { ObjectView } from '../../../../client/views/objectView.ts';
import type { Row } from '../../../../client/views/rows.ts';
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
    await eventually(changes(connection), async () => (await labels(volumes)).includes(name) || undefined);
    await connection.request('sampan/volume/remove', { volume: name });
    await eventually(changes(connection), async () => !(await labels(volumes)).includes(name) || undefined);
  });

  test('a container that was created is listed with its image and can be inspected', async () => {
    const { connection } = await extension();
    const containers = await shown('sampan.containers');
    const { id, name } = await connection.request('sampan/container/create', {
      options: { image: 'busybox:latest', command: ['true'] },
    });
    try {
      const row = await eventually(changes(connection), async () =>
        (await containers.rows()).find(({ item }) => item.id === `container/${id}`),
      );
      assert.equal(row.item.label, name);
      assert.equal(row.item.description, 'created · busybox:latest');
      assert.equal(row.item.contextValue, 'container created');
      await vscode.commands.executeCommand('sampan.container.inspect', row);
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.languageId, 'json');
      assert.equal(JSON.parse(document?.getText() ?? '').id, id);
    } finally {
      await connection.request('sampan/container/remove', { container: id });
    }
  });

  test('a view that opens reads its list once', async () => {
    const { views } = await extension();
    const links = views.get('sampan.links');
    assert.ok(links);
    let redrawn = 0;
    const subscription = links.onDidChangeTreeData(() => redrawn++);
    await vscode.commands.executeCommand('sampan.links.focus');
    const rows = await links.getChildren();
    subscription.dispose();
    assert.ok(rows.some(({ item }) => item.label === 'bridge'));
    assert.equal(redrawn, 0, 'VS Code got the list as the answer to its question');
  });

  test('a container that starts and ends redraws its own row and no other', async () => {
    const { connection } = await extension();
    const containers = await shown('sampan.containers');
    const { id } = await connection.request('sampan/container/create', {
      options: { image: 'busybox:latest', command: ['sleep', '600'], network: 'none' },
    });
    const row = () => containers.rows().then(rows => rows.find(({ item }) => item.id === `container/${id}`));
    try {
      const created = await eventually(changes(connection), row);
      await containers.getChildren();
      const redrawn: unknown[] = [];
      const subscription = containers.onDidChangeTreeData(what => redrawn.push(what));
      await connection.request('sampan/container/start', { container: id });
      await eventually(changes(connection), async () => isIn(await row(), 'running'));
      await connection.request('sampan/container/stop', { container: id, timeoutSeconds: 0 });
      await eventually(changes(connection), async () => isIn(await row(), 'exited'));
      subscription.dispose();
      assert.equal(await row(), created, 'it is the same row all the time');
      for (const what of redrawn) assert.deepEqual(what, [created]);
      assert.ok(redrawn.length >= 2);
    } finally {
      await connection.request('sampan/container/remove', { container: id, force: true });
    }
  });
});

/** The row when its container is in this state. */
function isIn(row: Row | undefined, state: string): Row | undefined {
  return row?.item.contextValue.split(' ').includes(state) ? row : undefined;
}

/** A view that is visible, so that changes reach it. */
async function shown(id: ViewId): Promise<ObjectView> {
  const { views } = await extension();
  await vscode.commands.executeCommand(`${id}.focus`);
  const view = views.get(id);
  assert.ok(view);
  return view;
}

/** Fires when the server says that something changed, after the views have heard it. */
function changes(connection: Connection): vscode.Event<unknown> {
  return listener => connection.onNotification('sampan/didChange', listener);
}

async function labels(view: ObjectView): Promise<readonly string[]> {
  return (await view.rows()).map(({ item }) => item.label);
}
