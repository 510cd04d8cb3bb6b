import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { GenericClient } from './generic-client.ts';

const uri = 'file:///somewhere/Dockerfile';
const text = 'ARG V=1\nFROM alpine:$V AS base\nENV A=ä€𝄞 B=2\nRUN echo $A\nCOPY --from=base x y\n';
const textDocument = { uri };

/** Every request of the specification that a capability promises, with parameters for the document above. */
const requests: { readonly [capability: string]: readonly [method: string, params: object] } = {
  completionProvider: ['textDocument/completion', { position: { line: 4, character: 12 } }],
  hoverProvider: ['textDocument/hover', { position: { line: 1, character: 1 } }],
  signatureHelpProvider: ['textDocument/signatureHelp', { position: { line: 4, character: 18 } }],
  definitionProvider: ['textDocument/definition', { position: { line: 4, character: 13 } }],
  referencesProvider: [
    'textDocument/references',
    { position: { line: 4, character: 13 }, context: { includeDeclaration: true } },
  ],
  documentHighlightProvider: ['textDocument/documentHighlight', { position: { line: 3, character: 10 } }],
  renameProvider: ['textDocument/rename', { position: { line: 4, character: 13 }, newName: 'first' }],
  documentSymbolProvider: ['textDocument/documentSymbol', {}],
  foldingRangeProvider: ['textDocument/foldingRange', {}],
  selectionRangeProvider: ['textDocument/selectionRange', { positions: [{ line: 3, character: 5 }] }],
  documentFormattingProvider: ['textDocument/formatting', { options: { tabSize: 2, insertSpaces: true } }],
  documentRangeFormattingProvider: [
    'textDocument/rangeFormatting',
    {
      range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
      options: { tabSize: 2, insertSpaces: true },
    },
  ],
  documentOnTypeFormattingProvider: [
    'textDocument/onTypeFormatting',
    { position: { line: 1, character: 0 }, ch: '\n', options: { tabSize: 2, insertSpaces: true } },
  ],
  documentLinkProvider: ['textDocument/documentLink', {}],
  linkedEditingRangeProvider: ['textDocument/linkedEditingRange', { position: { line: 4, character: 13 } }],
  inlayHintProvider: [
    'textDocument/inlayHint',
    { range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } } },
  ],
  codeActionProvider: [
    'textDocument/codeAction',
    {
      range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
      context: { diagnostics: [] },
    },
  ],
  semanticTokensProvider: ['textDocument/semanticTokens/full', {}],
  workspaceSymbolProvider: ['workspace/symbol', { query: 'base' }],
  diagnosticProvider: ['textDocument/diagnostic', {}],
};

/** Promises that are kept in another way than by one request. */
const others = new Set(['workspace', 'positionEncoding', 'textDocumentSync', 'notebookDocumentSync']);

describe('a client that knows the specification alone', () => {
  let client: GenericClient;
  let capabilities: { readonly [name: string]: unknown };

  before(async () => {
    client = new GenericClient();
    const early = await client.request('textDocument/hover', {
      textDocument,
      position: { line: 0, character: 0 },
    }).answer;
    assert.equal(early.error?.code, -32002, 'a request before initialize is refused');
    const { result } = await client.request('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    }).answer;
    capabilities = result.capabilities;
    client.notify('initialized', {});
    client.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'dockerfile', version: 1, text },
    });
  });
  after(async () => {
    assert.equal((await client.request('shutdown').answer).result, null);
    const late = await client.request('textDocument/hover', {
      textDocument,
      position: { line: 0, character: 0 },
    }).answer;
    assert.equal(late.error?.code, -32600, 'a request after shutdown is refused');
    client.notify('exit');
    assert.equal(await client.exited(), 0);
  });

  test('is told what there is, and nothing else', () => {
    assert.equal(capabilities.positionEncoding, 'utf-16');
    const unknown = Object.keys(capabilities).filter(name => !(name in requests) && !others.has(name));
    assert.deepEqual(unknown, []);
    for (const name of Object.keys(requests)) {
      // Diagnostics are on request only for who says that it asks for them.
      if (name !== 'diagnosticProvider') assert.ok(capabilities[name], `${name} is promised`);
    }
  });

  test('gets an answer to every request that is promised', async () => {
    for (const [name, [method, params]] of Object.entries(requests)) {
      if (!(name in capabilities)) continue;
      const { result, error } = await client.request(method, { textDocument, ...params }).answer;
      assert.equal(error, undefined, `${method}: ${error?.message}`);
      assert.notEqual(result, undefined, method);
    }
  });

  test('gets no answer for what is not known', async () => {
    const { error } = await client.request('textDocument/moniker', { textDocument }).answer;
    assert.equal(error?.code, -32601);
    client.notify('textDocument/somethingElse', {});
    client.notify('$/setTrace', { value: 'off' });
  });

  test('counts positions in UTF-16, whatever bytes the text has', async () => {
    const { result } = await client.request('textDocument/hover', {
      textDocument,
      position: { line: 2, character: 11 },
    }).answer;
    assert.deepEqual(result.range, { start: { line: 2, character: 11 }, end: { line: 2, character: 12 } });
    assert.match(result.contents.value, /`B` = `2`/);
  });

  test('changes a document piece by piece, in many parts of one message', async () => {
    const open = 'file:///somewhere/else/Containerfile';
    client.notify('textDocument/didOpen', {
      textDocument: { uri: open, languageId: 'dockerfile', version: 1, text: 'FROM a\nRUNN x\n' },
    });
    const of = (version: number) =>
      client.notified(
        ({ method, params }) =>
          method === 'textDocument/publishDiagnostics' && params.uri === open && params.version === version,
      );
    assert.ok(
      (await of(1)).params.diagnostics.some((one: { code: string }) => one.code === 'unknown-instruction'),
    );
    const change = {
      jsonrpc: '2.0',
      method: 'textDocument/didChange',
      params: {
        textDocument: { uri: open, version: 2 },
        contentChanges: [
          { range: { start: { line: 1, character: 3 }, end: { line: 1, character: 4 } }, text: '' },
          { range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } }, text: '# €\r\n' },
        ],
      },
    };
    const body = Buffer.from(JSON.stringify(change));
    const frame = Buffer.concat([
      Buffer.from(
        `Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
    for (const byte of frame) client.write(Uint8Array.of(byte));
    const errors = (await of(2)).params.diagnostics.filter((one: { severity: number }) => one.severity === 1);
    assert.deepEqual(errors, []);
    client.notify('textDocument/didChange', {
      textDocument: { uri: open, version: 3 },
      contentChanges: [{ text: 'FROMM a\n' }],
    });
    assert.ok(
      (await of(3)).params.diagnostics.some((one: { code: string }) => one.code === 'unknown-instruction'),
    );
    client.notify('textDocument/didClose', { textDocument: { uri: open } });
    await client.notified(
      ({ method, params }) =>
        method === 'textDocument/publishDiagnostics' &&
        params.uri === open &&
        params.diagnostics.length === 0,
    );
  });

  test('cancels what waits', async () => {
    const params = { textDocument, position: { line: 3, character: 2 } };
    // In one piece, so that the server has read the last before it does the first.
    const id = 900;
    client.send(
      { jsonrpc: '2.0', id, method: 'textDocument/hover', params },
      { jsonrpc: '2.0', id: id + 1, method: 'textDocument/hover', params },
      { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: id + 1 } },
    );
    const { result, error } = await client.request('textDocument/hover', params).answer;
    assert.ok(result && !error, 'requests behind it are served');
    const byHand = client.unclaimed.map(one => [one.id, one.error?.code]);
    assert.deepEqual(byHand.sort(), [
      [id, undefined],
      [id + 1, -32800],
    ]);
  });

  test('has cells of a notebook as documents', async () => {
    const cell = 'vscode-notebook-cell:/n.ipynb#c1';
    client.notify('notebookDocument/didOpen', {
      notebookDocument: { uri: 'file:///n.ipynb', notebookType: 'jupyter-notebook', version: 1, cells: [] },
      cellTextDocuments: [{ uri: cell, languageId: 'dockerfile', version: 1, text: 'FROM a\nWORKDIR /x\n' }],
    });
    const hover = () =>
      client.request('textDocument/hover', {
        textDocument: { uri: cell },
        position: { line: 1, character: 2 },
      }).answer;
    assert.match((await hover()).result.contents.value, /WORKDIR/);
    client.notify('notebookDocument/didChange', {
      notebookDocument: { uri: 'file:///n.ipynb', version: 2 },
      change: {
        cells: {
          textContent: [{ document: { uri: cell, version: 2 }, changes: [{ text: 'FROM a\nUSER x\n' }] }],
        },
      },
    });
    assert.match((await hover()).result.contents.value, /USER/);
    client.notify('notebookDocument/didClose', {
      notebookDocument: { uri: 'file:///n.ipynb' },
      cellTextDocuments: [{ uri: cell }],
    });
    assert.equal((await hover()).result, null);
  });
});

describe('files around', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sampan-generic-'));
    await writeFile(join(folder, 'main.go'), '');
    await writeFile(join(folder, 'Dockerfile'), 'FROM a AS builder\nCOPY main.go missing.go /\n');
    await writeFile(join(folder, '.dockerignore'), 'main.go\nnothing\n');
  });
  after(() => rm(folder, { recursive: true }));

  test('are found by symbols and links, and ignore files are documents', async () => {
    const client = new GenericClient();
    const place = (name: string) => pathToFileURL(join(folder, name)).href;
    await client.request('initialize', {
      processId: null,
      rootUri: pathToFileURL(folder).href,
      capabilities: {},
    }).answer;
    client.notify('initialized', {});
    const { result: symbols } = await client.request('workspace/symbol', { query: 'bld' }).answer;
    assert.deepEqual(
      symbols.map((one: { name: string; location: { uri: string } }) => [one.name, one.location.uri]),
      [['builder', place('Dockerfile')]],
    );
    client.notify('textDocument/didOpen', {
      textDocument: {
        uri: place('Dockerfile'),
        languageId: 'dockerfile',
        version: 1,
        text: 'FROM a\nCOPY main.go missing.go /\n',
      },
    });
    const { result: found } = await client.request('textDocument/documentLink', {
      textDocument: { uri: place('Dockerfile') },
    }).answer;
    assert.deepEqual(
      found.map(({ target }: { target: string }) => target),
      ['https://hub.docker.com/_/a/', place('main.go')],
    );
    const ignore = place('.dockerignore');
    client.notify('textDocument/didOpen', {
      textDocument: { uri: ignore, languageId: 'ignore', version: 1, text: 'main.go\nnothing\n' },
    });
    const published = await client.notified(
      ({ method, params }) =>
        method === 'textDocument/publishDiagnostics' &&
        params.uri === ignore &&
        params.diagnostics.length > 0,
    );
    assert.deepEqual(
      published.params.diagnostics.map(({ code }: { code: string }) => code),
      ['matches-nothing'],
    );
    const { result: hover } = await client.request('textDocument/hover', {
      textDocument: { uri: ignore },
      position: { line: 0, character: 1 },
    }).answer;
    assert.match(hover.contents.value, /Leaves out 1 file/);
    client.notify('exit');
    assert.equal(await client.exited(), 1, 'exit without shutdown is an error');
  });
});
