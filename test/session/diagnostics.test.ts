import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import { type RunningServer, startServer } from './client.ts';

/** Resolves with the first diagnostics that pass. */
function diagnosticsOf(
  server: RunningServer,
  passes: (params: PublishDiagnosticsParams) => boolean,
): Promise<PublishDiagnosticsParams> {
  return new Promise(resolve => {
    server.connection.onNotification(
      'textDocument/publishDiagnostics',
      (params: PublishDiagnosticsParams) => {
        if (passes(params)) resolve(params);
      },
    );
  });
}

const uri = 'file:///somewhere/Dockerfile';

async function openDocument(server: RunningServer, text: string, at = uri): Promise<void> {
  await server.connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
  await server.connection.sendNotification('initialized', {});
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: at, languageId: 'dockerfile', version: 1, text },
  });
}

test('diagnostics come with the version, without hello and without an engine', async () => {
  const server = startServer({ SAMPAN_ROOT: '/proc/nowhere', SAMPAN_RUN: '/proc/nowhere' });
  const published = diagnosticsOf(server, ({ version }) => version === 1);
  await openDocument(server, 'FROM busybox:1\nRUNN echo\n');
  const { diagnostics } = await published;
  assert.equal(diagnostics[0]?.severity, 1);
  assert.equal(diagnostics[0]?.range.start.line, 1);
  await server.leave();
});

test('diagnostics follow incremental changes and go with the document', async () => {
  const server = startServer();
  const clean = diagnosticsOf(
    server,
    ({ version, diagnostics }) => version === 2 && diagnostics.length === 0,
  );
  await openDocument(server, 'FROM busybox:1\nRUNN echo\n');
  await server.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [
      { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } }, text: 'RUN' },
    ],
  });
  await clean;
  const gone = diagnosticsOf(server, ({ version }) => version === undefined);
  await server.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual((await gone).diagnostics, []);
  await server.leave();
});

test('diagnostics know the ignore file beside the Dockerfile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-ignore-'));
  writeFileSync(join(folder, '.dockerignore'), 'secret\n');
  const server = startServer();
  const found = diagnosticsOf(server, ({ diagnostics }) =>
    diagnostics.some(({ code }) => code === 'CopyIgnoredFile'),
  );
  const text = '# check=experimental=CopyIgnoredFile\nFROM busybox\nCOPY secret /\n';
  await openDocument(server, text, pathToFileURL(join(folder, 'Dockerfile')).href);
  await found;
  await server.leave();
  rmSync(folder, { recursive: true });
});
