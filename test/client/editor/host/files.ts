import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fileUri } from '../../../../client/files/fileUri.ts';
import { extension } from './facts.ts';

const { fs } = vscode.workspace;
const text = (content: string) => new TextEncoder().encode(content);
const read = async (uri: vscode.Uri) => new TextDecoder().decode(await fs.readFile(uri));
const isCode = (code: string) => (error: unknown) => (error as vscode.FileSystemError).code === code;

suite('files', () => {
  test('of a volume are files of the editor', async () => {
    const { connection } = await extension();
    await connection.request('sampan/volume/create', { name: 'Files-Of_A.Volume' });
    const root = vscode.Uri.parse(fileUri({ kind: 'volume', id: 'Files-Of_A.Volume' }, '/'));
    const at = (...names: readonly string[]) => vscode.Uri.joinPath(root, ...names);
    try {
      await fs.createDirectory(at('a', 'deep'));
      await fs.writeFile(at('a', 'deep', 'one.txt'), text('one'));
      assert.equal(await read(at('a', 'deep', 'one.txt')), 'one');
      const { type, size } = await fs.stat(at('a', 'deep', 'one.txt'));
      assert.deepEqual([type, size], [vscode.FileType.File, 3]);
      await fs.copy(at('a'), at('b'));
      await fs.rename(at('a', 'deep', 'one.txt'), at('two.txt'));
      await assert.rejects(async () => fs.rename(at('two.txt'), at('b')), isCode('FileExists'));
      await assert.rejects(async () => fs.readFile(at('a', 'deep', 'one.txt')), isCode('FileNotFound'));
      await fs.delete(at('a'), { recursive: true });
      assert.deepEqual(await fs.readDirectory(root), [
        ['b', vscode.FileType.Directory],
        ['two.txt', vscode.FileType.File],
      ]);
    } finally {
      await connection.request('sampan/volume/remove', { volume: 'Files-Of_A.Volume' });
    }
  });

  test('are copied between a container and the workspace, and between two containers', async () => {
    const { connection } = await extension();
    const options = { image: 'busybox:latest', command: ['true'] };
    const [one, two] = [
      await connection.request('sampan/container/create', { options }),
      await connection.request('sampan/container/create', { options }),
    ];
    const rootOf = (id: string) => vscode.Uri.parse(fileUri({ kind: 'container', id }, '/'));
    try {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder);
      await fs.copy(vscode.Uri.joinPath(folder.uri, 'site'), vscode.Uri.joinPath(rootOf(one.id), 'site'));
      await fs.copy(
        vscode.Uri.joinPath(rootOf(one.id), 'site'),
        vscode.Uri.joinPath(rootOf(two.id), 'copied'),
      );
      assert.match(await read(vscode.Uri.joinPath(rootOf(two.id), 'copied', 'index.html')), /Hello/);
      await fs.rename(
        vscode.Uri.joinPath(rootOf(two.id), 'copied', 'index.html'),
        vscode.Uri.joinPath(rootOf(one.id), 'moved.html'),
      );
      assert.match(await read(vscode.Uri.joinPath(rootOf(one.id), 'moved.html')), /Hello/);
    } finally {
      for (const { id } of [one, two]) await connection.request('sampan/container/remove', { container: id });
    }
  });

  test('of an image are read-only documents', async () => {
    const { connection } = await extension();
    const image = await connection.request('sampan/image/inspect', { image: 'busybox:latest' });
    const passwd = vscode.Uri.parse(fileUri({ kind: 'image', id: image.id }, '/etc/passwd'));
    assert.match(await read(passwd), /^root:/);
    assert.equal((await fs.stat(passwd)).permissions, vscode.FilePermission.Readonly);
    await assert.rejects(async () => fs.writeFile(passwd, text('x')));
  });

  test('that a process changes are told to who watches them', async () => {
    const { connection } = await extension();
    const { id } = await connection.request('sampan/container/create', {
      options: {
        image: 'busybox:latest',
        command: ['sh', '-c', 'mkdir /w; touch /w/a; sleep 600'],
        network: 'none',
      },
    });
    const folder = vscode.Uri.parse(fileUri({ kind: 'container', id }, '/w'));
    try {
      await connection.request('sampan/container/start', { container: id });
      while (!(await exists(vscode.Uri.joinPath(folder, 'a'))));
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
      const created = new Promise<vscode.Uri>(resolve => watcher.onDidCreate(resolve));
      let done = false;
      const seen = created.then(uri => {
        done = true;
        return uri;
      });
      // Nobody says when the watch is in place: until it is, the file is made again.
      while (!done) {
        const script = 'rm -f /w/b; touch /w/b';
        const command = { args: ['sh', '-c', script], tty: false, openStdin: false, waitForAttach: false };
        await connection.request('sampan/container/exec', { container: id, ...command });
        await Promise.race([seen, new Promise(resolve => setTimeout(resolve, 300))]);
      }
      assert.equal((await seen).path, '/w/b');
      watcher.dispose();
    } finally {
      await connection.request('sampan/container/remove', { container: id, force: true });
    }
  });
});

async function exists(uri: vscode.Uri): Promise<boolean> {
  return fs.stat(uri).then(
    () => true,
    () => false,
  );
}
