import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, PublishDiagnosticsParams } from 'vscode-languageserver';
import { type RunningServer, startServer } from './client.ts';

const text = 'FROM a:1\nCOPY . /x/\n';

let folder: string;
let uri: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sampan-ignore-'));
  uri = pathToFileURL(join(folder, 'Dockerfile')).href;
  await mkdir(join(folder, '.git'));
});
after(() => rm(folder, { recursive: true }));

/** Opens the Dockerfile and resolves when it is known what is in its context. */
async function open(server: RunningServer, workspaceEdit: object): Promise<void> {
  const known = new Promise<void>(resolve => {
    server.connection.onNotification(
      'textDocument/publishDiagnostics',
      ({ diagnostics }: PublishDiagnosticsParams) => {
        if (diagnostics.some(({ code }) => code === 'LargeContext')) resolve();
      },
    );
  });
  const capabilities = { workspace: { workspaceEdit } };
  await server.connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities });
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'dockerfile', version: 1, text },
  });
  await known;
}

/** Asks until the ignore file is known too. */
async function edit(server: RunningServer): Promise<NonNullable<CodeAction['edit']>> {
  for (;;) {
    const found = await action(server);
    if (found?.edit) return found.edit;
  }
}

async function action(server: RunningServer): Promise<CodeAction | undefined> {
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 9 } };
  const params = { textDocument: { uri }, range, context: { diagnostics: [] } };
  const actions = await server.connection.sendRequest<CodeAction[]>('textDocument/codeAction', params);
  return actions.find(({ title }) => title === 'Leave .git out in .dockerignore');
}

const start = { line: 0, character: 0 };

test('an ignore file is made with a line, by a client that makes files', async () => {
  const ignore = pathToFileURL(join(folder, '.dockerignore')).href;
  const able = startServer();
  await open(able, { documentChanges: true, resourceOperations: ['create'] });
  const line = { range: { start, end: start }, newText: '.git\n' };
  assert.deepEqual((await edit(able)).documentChanges, [
    { kind: 'create', uri: ignore, options: { ignoreIfExists: true } },
    { textDocument: { uri: ignore, version: null }, edits: [line] },
  ]);
  await able.leave();
  const unable = startServer();
  await open(unable, {});
  assert.equal(await action(unable), undefined);
  await unable.leave();
});

test('a line goes to the end of an ignore file, as it is open or on the disk', async () => {
  const path = join(folder, 'Dockerfile.dockerignore');
  const ignore = pathToFileURL(path).href;
  await writeFile(path, 'a\r\nb');
  const server = startServer();
  await open(server, {});
  const end = { line: 1, character: 1 };
  assert.deepEqual(await edit(server), {
    changes: { [ignore]: [{ range: { start: end, end }, newText: '\r\n.git\r\n' }] },
  });
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: ignore, languageId: 'dockerignore', version: 1, text: 'a\n' },
  });
  const next = { line: 1, character: 0 };
  assert.deepEqual(await edit(server), {
    changes: { [ignore]: [{ range: { start: next, end: next }, newText: '.git\n' }] },
  });
  await server.leave();
});
