import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type {
  InitializeResult,
  WorkspaceDiagnosticReport,
  WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { type RunningServer, startServer } from './client.ts';

type Report = WorkspaceDocumentDiagnosticReport;
interface Ids {
  readonly uri: string;
  readonly value: string;
}

let folder: string;
let server: RunningServer;
let settings: object | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sampan-workspace-'));
  settings = null;
  server = startServer({ SAMPAN_ROOT: '/proc/nowhere', SAMPAN_RUN: '/proc/nowhere', HOME: folder });
  server.connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === 'sampan.lint' ? settings : null)),
  );
  server.connection.onRequest('workspace/diagnostic/refresh', () => null);
});
afterEach(async () => {
  await server.leave();
  await rm(folder, { recursive: true });
});

const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

async function start(): Promise<InitializeResult> {
  const result = await server.connection.sendRequest<InitializeResult>('initialize', {
    processId: null,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      textDocument: { diagnostic: {} },
      workspace: { configuration: true, diagnostics: { refreshSupport: true } },
    },
  });
  await server.connection.sendNotification('initialized', {});
  return result;
}

async function ask(previousResultIds: readonly Ids[] = [], more: object = {}): Promise<readonly Report[]> {
  const params = { previousResultIds, ...more };
  const { items } = await server.connection.sendRequest<WorkspaceDiagnosticReport>(
    'workspace/diagnostic',
    params,
  );
  return items;
}

const idsOf = (reports: readonly Report[]): Ids[] =>
  reports.flatMap(({ uri, resultId }) => (resultId === undefined ? [] : [{ uri, value: resultId }]));

/** `name: codes`, or `name: unchanged`, by name. */
const told = (reports: readonly Report[]): string[] =>
  reports
    .map(report => {
      const codes = report.kind === 'full' ? report.items.map(({ code }) => code).join(' ') : 'unchanged';
      return `${basename(report.uri)}: ${codes}`;
    })
    .sort();

describe('findings of the workspace', () => {
  test('are those of its Dockerfiles and ignore files, with what is around each', async () => {
    await mkdir(join(folder, 'node_modules'));
    await write('node_modules/Dockerfile', 'RUNN\n');
    await write('Dockerfile', 'FROM busybox\nADD a /a\nCOPY absent secret /b/\n');
    await write('web.Dockerfile', 'FROM busybox:1\nRUNN x\n');
    await write('.hadolint.yaml', 'ignored: [DL3006]\n');
    await write('.dockerignore', 'secret\nnothing\n');
    await write('main.go', 'FROM\n');
    for (const name of ['a', 'secret']) await write(name, '');
    const { capabilities } = await start();
    const { diagnosticProvider } = capabilities;
    assert.equal(diagnosticProvider?.workspaceDiagnostics, true);
    assert.deepEqual(told(await ask()), [
      '.dockerignore: matches-nothing',
      'Dockerfile: DL3020 MissingSource CopyIgnoredFile',
      'web.Dockerfile: unknown-instruction',
    ]);
  });

  test('are told once as long as they are the same', async () => {
    await write('Dockerfile', 'FROM busybox\n');
    await write('b.Dockerfile', 'FROM busybox:1\n');
    await start();
    const first = await ask();
    assert.deepEqual(told(first), ['Dockerfile: DL3006', 'b.Dockerfile: ']);
    assert.deepEqual(told(await ask(idsOf(first))), ['Dockerfile: unchanged', 'b.Dockerfile: unchanged']);
    await write('b.Dockerfile', 'FROM busybox:1\nRUNN\n');
    const second = await ask(idsOf(first));
    assert.deepEqual(told(second), ['Dockerfile: unchanged', 'b.Dockerfile: unknown-instruction']);
    settings = { rules: { DL3006: 'off' } };
    await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    const third = await ask(idsOf(second));
    assert.deepEqual(told(third), ['Dockerfile: ', 'b.Dockerfile: unchanged']);
  });

  test('go with their file', async () => {
    await write('Dockerfile', 'FROM busybox\n');
    await start();
    const first = await ask();
    await rm(join(folder, 'Dockerfile'));
    await server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
    assert.deepEqual(told(await ask(idsOf(first))), ['Dockerfile: ']);
  });

  test('of an open document are those of its text, by the id of its own request', async () => {
    await write('Dockerfile', 'FROM busybox\n');
    await start();
    const textDocument = { uri: uriOf('Dockerfile'), languageId: 'dockerfile', version: 7 };
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { ...textDocument, text: 'FROM busybox:1\nRUNN\n' },
    });
    const [report, ...others] = await ask();
    assert.ok(report && others.length === 0);
    assert.deepEqual([report.version, told([report])], [7, ['Dockerfile: unknown-instruction']]);
    // What is around the document may become known meanwhile, and gives the same findings another id.
    for (let isSame = false; !isSame; ) {
      const own = await server.connection.sendRequest<Report>('textDocument/diagnostic', { textDocument });
      isSame =
        told(await ask(idsOf([{ ...own, uri: report.uri, version: 7 }])))[0] === 'Dockerfile: unchanged';
    }
    await server.connection.sendNotification('textDocument/didClose', { textDocument });
    assert.deepEqual(told(await ask(idsOf([report]))), ['Dockerfile: DL3006']);
  });

  test('come in parts to a client that takes them so', async () => {
    for (let number = 0; number < 45; number++) await write(`${number}.Dockerfile`, 'FROM busybox\n');
    await start();
    const parts: number[] = [];
    server.connection.onNotification(
      '$/progress',
      ({ token, value }: { token: string; value: { items: Report[] } }) => {
        if (token === 'parts') parts.push(value.items.length);
      },
    );
    assert.deepEqual(await ask([], { partialResultToken: 'parts' }), []);
    assert.deepEqual(parts, [20, 20, 5]);
  });

  test('are given up when the request is cancelled', async () => {
    for (let number = 0; number < 45; number++) await write(`${number}.Dockerfile`, 'FROM busybox\n');
    await start();
    const source = new CancellationTokenSource();
    const params = { previousResultIds: [] };
    const asked = server.connection.sendRequest('workspace/diagnostic', params, source.token);
    source.cancel();
    await assert.rejects(asked, { code: -32800 });
    assert.equal((await ask()).length, 45);
  });

  test('come from a folder that is added to the workspace', async () => {
    const other = await mkdtemp(join(tmpdir(), 'sampan-workspace-'));
    await writeFile(join(other, 'Containerfile'), 'FROM busybox\n');
    await start();
    assert.deepEqual(await ask(), []);
    const changed = { uri: pathToFileURL(other).href, name: 'other' };
    await server.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
      event: { added: [changed], removed: [] },
    });
    const found = await ask();
    assert.deepEqual(told(found), ['Containerfile: DL3006']);
    await server.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
      event: { added: [], removed: [changed] },
    });
    assert.deepEqual(told(await ask(idsOf(found))), ['Containerfile: ']);
    await rm(other, { recursive: true });
  });
});

test('findings of an open ignore file are given when they are asked for, and not sent', async () => {
  await write('.dockerignore', '');
  await start();
  const refreshed = new Promise<void>(resolve => {
    server.connection.onRequest('workspace/diagnostic/refresh', () => {
      resolve();
      return null;
    });
  });
  const textDocument = { uri: uriOf('.dockerignore'), languageId: 'dockerignore', version: 1 };
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { ...textDocument, text: 'absent\n[\n' },
  });
  await refreshed;
  const report = await server.connection.sendRequest<Report>('textDocument/diagnostic', { textDocument });
  assert.deepEqual(report.kind === 'full' && report.items.map(({ code }) => code), [
    'matches-nothing',
    'invalid-pattern',
  ]);
});
