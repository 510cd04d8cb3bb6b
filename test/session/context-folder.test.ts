import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { DocumentLink, PublishDiagnosticsParams } from 'vscode-languageserver';
import type { CompletionList } from '../../server/language/features/types.ts';
import { startServer } from './client.ts';

test('the folder that sampan.build.contextFolder names is the context for findings, completion and links', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sampan-context-'));
  await mkdir(join(folder, 'docker'));
  await writeFile(join(folder, '.dockerignore'), 'secret.txt\n');
  for (const name of ['main.go', 'secret.txt', 'docker/own.txt']) await writeFile(join(folder, name), '');
  const uri = pathToFileURL(join(folder, 'docker', 'Dockerfile')).href;
  const server = startServer({ SAMPAN_ROOT: '/proc/nowhere', SAMPAN_RUN: '/proc/nowhere' });
  let contextFolder = '.';
  const asked = new Set<string | undefined>();
  server.connection.onRequest(
    'workspace/configuration',
    ({ items }: { items: { section: string; scopeUri?: string }[] }) =>
      items.map(({ section, scopeUri }) => {
        if (section !== 'sampan.build.contextFolder') return null;
        asked.add(scopeUri);
        return contextFolder;
      }),
  );
  /** Resolves when the findings about sources are these. */
  const sources = (wanted: string): Promise<void> =>
    new Promise(resolve => {
      server.connection.onNotification(
        'textDocument/publishDiagnostics',
        ({ diagnostics }: PublishDiagnosticsParams) => {
          const found = diagnostics.filter(({ code }) => /Source|Ignored/.test(String(code)));
          if (found.map(({ code, range }) => `${code} ${range.start.line}`).join() === wanted) resolve();
        },
      );
    });
  await server.connection.sendRequest('initialize', {
    processId: null,
    rootUri: pathToFileURL(folder).href,
    capabilities: { workspace: { configuration: true } },
  });
  await server.connection.sendNotification('initialized', {});
  const first = sources('CopyIgnoredFile 2,MissingSource 3');
  const text = 'FROM a:1\nCOPY main.go /\nCOPY secret.txt /\nCOPY own.txt /\nCOPY \n';
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'dockerfile', version: 1, text },
  });
  await first;
  assert.ok(asked.has(uri));
  const ask = <T>(method: string, params: object = {}): Promise<T> =>
    server.connection.sendRequest<T>(`textDocument/${method}`, { textDocument: { uri }, ...params });
  const offered = async (): Promise<string[]> => {
    for (;;) {
      const list = await ask<CompletionList>('completion', { position: { line: 4, character: 5 } });
      if (!list.isIncomplete) return list.items.map(({ label }) => label);
    }
  };
  const names = await offered();
  assert.ok(names.includes('main.go') && names.includes('docker/') && !names.includes('secret.txt'));
  const links = await ask<DocumentLink[]>('documentLink');
  assert.ok(links.some(({ target }) => target === pathToFileURL(join(folder, 'main.go')).href));

  const second = sources('');
  contextFolder = '';
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await second;
  assert.ok((await offered()).includes('own.txt'));
  await server.leave();
  await rm(folder, { recursive: true });
});
