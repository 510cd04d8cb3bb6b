import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('diagnostics follow the configuration of hadolint above the Dockerfile, and tell what is wrong with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-hadolint-'));
  const file = join(folder, '.hadolint.yaml');
  const dockerfile = pathToFileURL(join(folder, 'docker', 'Dockerfile')).href;
  mkdirSync(join(folder, 'docker'));
  writeFileSync(join(folder, 'docker', 'a'), '');
  const server = startServer({ HOME: folder, XDG_CONFIG_HOME: folder });
  /** Resolves when these are the last diagnostics of both files: code and severity, or the line without a code. */
  const state = new Map<string, string>();
  const until = (wanted: { readonly dockerfile: string; readonly configuration: string }): Promise<void> =>
    new Promise(resolve => {
      const look = () => {
        const isDockerfile = state.get(dockerfile) === wanted.dockerfile;
        if (isDockerfile && (state.get(pathToFileURL(file).href) ?? '') === wanted.configuration) resolve();
      };
      server.connection.onNotification(
        'textDocument/publishDiagnostics',
        ({ uri: of, diagnostics }: PublishDiagnosticsParams) => {
          state.set(of, diagnostics.map(one => `${one.code ?? one.range.start.line} ${one.severity}`).join());
          look();
        },
      );
      look();
    });
  const changeFiles = () =>
    server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });

  writeFileSync(file, 'ignored: [DL3006]\noverride:\n  info: [DL3020]\n  fatal: [DL3002]\n');
  const configured = until({ dockerfile: 'DL3020 3', configuration: '3 1' });
  await openDocument(server, 'FROM busybox\nADD a /b\n', dockerfile);
  await configured;
  writeFileSync(file, 'ignored: [DL3020]\n');
  await changeFiles();
  await until({ dockerfile: 'DL3006 2', configuration: '' });
  rmSync(file);
  await changeFiles();
  await until({ dockerfile: 'DL3006 2,DL3020 2', configuration: '' });
  await server.leave();
  rmSync(folder, { recursive: true });
});
