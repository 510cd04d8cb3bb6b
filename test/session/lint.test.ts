import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type {
  DocumentDiagnosticReport,
  PublishDiagnosticsParams,
  RegistrationParams,
} from 'vscode-languageserver';
import { type RunningServer, startServer } from './client.ts';

const uri = 'file:///somewhere/Dockerfile';

/** Starts a session with a client that can do `capabilities`, and has `settings` by section. */
async function start(
  server: RunningServer,
  options: {
    readonly capabilities?: object;
    readonly settings?: { [section: string]: unknown };
    readonly rootUri?: string;
    readonly initializationOptions?: object;
  } = {},
) {
  const { capabilities = {}, rootUri = null, initializationOptions } = options;
  server.connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => options.settings?.[section] ?? null),
  );
  const hello = { processId: null, rootUri, capabilities, initializationOptions };
  const result = await server.connection.sendRequest('initialize', hello);
  await server.connection.sendNotification('initialized', {});
  return result as { capabilities: { diagnosticProvider?: object } };
}

function open(server: RunningServer, text: string, at = uri): Promise<void> {
  return server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: at, languageId: 'dockerfile', version: 1, text },
  });
}

/** Resolves with the codes and severities that pass. */
function published(
  server: RunningServer,
  passes: (codes: readonly string[]) => boolean,
): Promise<PublishDiagnosticsParams> {
  return new Promise(resolve => {
    server.connection.onNotification(
      'textDocument/publishDiagnostics',
      (params: PublishDiagnosticsParams) => {
        if (passes(params.diagnostics.map(({ code, severity }) => `${code} ${severity}`))) resolve(params);
      },
    );
  });
}

test('settings of rules are asked for and followed', async () => {
  const server = startServer();
  const settings: { [section: string]: unknown } = {
    'sampan.lint': { rules: { MaintainerDeprecated: 'hint', DL3006: 'off' } },
    'docker.languageserver.diagnostics': { directiveCasing: 'ignore', deprecatedMaintainer: 'error' },
  };
  const capabilities = { workspace: { configuration: true } };
  await start(server, { capabilities, settings });
  const first = published(server, codes => codes.join() === 'MaintainerDeprecated 4');
  await open(server, '# Escape=`\nFROM busybox\nMAINTAINER me\n');
  await first;
  const second = published(server, codes => codes.includes('MaintainerDeprecated 1'));
  settings['sampan.lint'] = { rules: {} };
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await second;
  await server.leave();
});

test('settings are taken from a client that only tells of them', async () => {
  const server = startServer();
  await start(server, { initializationOptions: { sampan: { lint: { rules: { DL3006: 'error' } } } } });
  const first = published(server, codes => codes.includes('DL3006 1'));
  await open(server, 'FROM busybox\n');
  await first;
  const second = published(server, codes => codes.length === 0);
  const settings = { 'sampan.lint': { rules: { DL3006: 'off' } } };
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  await second;
  await server.leave();
});

test('a client that asks for diagnostics gets them when it asks, and what has not changed only once', async () => {
  const server = startServer();
  let sent = 0;
  server.connection.onNotification('textDocument/publishDiagnostics', () => {
    sent++;
  });
  const { capabilities } = await start(server, { capabilities: { textDocument: { diagnostic: {} } } });
  assert.ok(capabilities.diagnosticProvider);
  await open(server, 'FROM busybox\nRUNN x\n');
  const ask = (previousResultId?: string) =>
    server.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri },
      previousResultId,
    });
  const first = await ask();
  assert.ok(first.kind === 'full' && first.resultId !== undefined);
  assert.ok(first.items.some(({ code }) => code === 'unknown-instruction'));
  assert.deepEqual(await ask(first.resultId), { kind: 'unchanged', resultId: first.resultId });
  await server.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: 'FROM busybox:1\nRUN x\n' }],
  });
  const second = await ask(first.resultId);
  assert.deepEqual(second.kind === 'full' && second.items, []);
  assert.equal(sent, 0);
  await server.leave();
});

test('what is in the build context is looked up, and again when files come and go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sampan-context-'));
  mkdirSync(join(folder, 'docker'));
  mkdirSync(join(folder, 'docker', '.git'));
  writeFileSync(join(folder, 'above.txt'), '');
  const server = startServer();
  const watched = new Promise<RegistrationParams>(resolve => {
    server.connection.onRequest('client/registerCapability', (params: RegistrationParams) => {
      resolve(params);
      return null;
    });
  });
  const capabilities = { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } };
  await start(server, { capabilities, rootUri: pathToFileURL(folder).href });
  assert.deepEqual(
    (await watched).registrations.map(({ method }) => method),
    ['workspace/didChangeWatchedFiles'],
  );
  const about = (codes: readonly string[]) =>
    codes.filter(code => /^(?:MissingSource|LargeContext)/.test(code)).join();
  const first = published(server, codes => about(codes) === 'MissingSource 3,LargeContext 3');
  const text = 'FROM busybox:1\nCOPY absent*.txt above.txt /x/\nCOPY . /y/\n';
  await open(server, text, pathToFileURL(join(folder, 'docker', 'Dockerfile')).href);
  await first;
  const second = published(server, codes => about(codes) === 'LargeContext 3');
  writeFileSync(join(folder, 'docker', 'absent1.txt'), '');
  await server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
  await second;
  await server.leave();
  rmSync(folder, { recursive: true });
});
