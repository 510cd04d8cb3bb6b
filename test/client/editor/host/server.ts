import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, extension } from './facts.ts';

suite('server', () => {
  test('a killed server comes back and answers', async () => {
    const { connection } = await extension();
    await connection.ready;
    const before = connection.serverPid;
    assert.ok(before);
    const states: string[] = [];
    const subscription = connection.onDidChangeState(state => states.push(state));
    process.kill(before, 'SIGKILL');
    await eventually(connection.onDidChangeState, () => states.at(-1) === 'ready' || undefined);
    subscription.dispose();
    assert.deepEqual(states, ['restarting', 'ready']);
    assert.notEqual(connection.serverPid, before);
    assert.ok(Array.isArray((await connection.request('sampan/image/list', {})).images));
  });

  test('a container outlives the server that started it', async () => {
    const { connection, views } = await extension();
    const { id } = await connection.request('sampan/container/create', {
      options: { image: 'busybox:latest', command: ['sleep', '600'], network: 'none' },
    });
    try {
      await connection.request('sampan/container/start', { container: id });
      process.kill(Number(connection.serverPid), 'SIGKILL');
      await eventually(connection.onDidChangeState, () => connection.state === 'restarting' || undefined);
      await connection.ready;
      const rows = (await views.get('sampan.containers')?.rows()) ?? [];
      const row = rows.find(({ item }) => item.id === `container/${id}`);
      assert.match(row?.item.contextValue ?? '', /\brunning\b/);
    } finally {
      await connection.request('sampan/container/remove', { container: id, force: true });
    }
  });

  test('Restart Server ends the old one and starts a new one', async () => {
    const { connection } = await extension();
    const before = connection.serverPid;
    await vscode.commands.executeCommand('sampan.server.restart');
    assert.equal(connection.state, 'ready');
    assert.notEqual(connection.serverPid, before);
  });

  test('a server that keeps ending is given up, and Restart Server revives it', async () => {
    const { connection } = await extension();
    while (connection.state !== 'failed') {
      await connection.ready;
      process.kill(Number(connection.serverPid), 'SIGKILL');
      await eventually(connection.onDidChangeState, () => connection.state !== 'ready' || undefined);
      await connection.ready.catch(() => undefined);
    }
    assert.match(connection.failure?.message ?? '', /five times/);
    await assert.rejects(connection.request('sampan/image/list', {}), /is not running/);
    await vscode.commands.executeCommand('sampan.server.restart');
    assert.equal(connection.state, 'ready');
  });
});
