import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, startServer } from './client.ts';

const uri = 'file:///somewhere/Dockerfile';
const text = 'FROM busybox AS base\nENV A=1\nRUN echo $A\nFROM base\n';

describe('language features over the protocol', () => {
  let server: RunningServer;
  const ask = <T>(method: string, params: object = {}): Promise<T> =>
    server.connection.sendRequest<T>(`textDocument/${method}`, { textDocument: { uri }, ...params });

  before(async () => {
    server = startServer({ SAMPAN_ROOT: '/proc/nowhere', SAMPAN_RUN: '/proc/nowhere' });
    await server.connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'dockerfile', version: 1, text },
    });
  });
  after(() => server.leave());

  test('completion offers stages, without an engine', async () => {
    const items = await ask<{ label: string }[]>('completion', { position: { line: 3, character: 5 } });
    assert.ok(items.some(({ label }) => label === 'base'));
  });

  test('hover explains an instruction and says null where there is nothing', async () => {
    const found = await ask<{ contents: { value: string } }>('hover', {
      position: { line: 1, character: 1 },
    });
    assert.match(found.contents.value, /ENV/);
    assert.equal(await ask('hover', { position: { line: 4, character: 0 } }), null);
  });

  test('symbols, folding and tokens describe the whole document', async () => {
    assert.equal((await ask<object[]>('documentSymbol')).length, 2);
    assert.ok((await ask<object[]>('foldingRange')).length > 0);
    const { data } = await ask<{ data: number[] }>('semanticTokens/full');
    assert.equal(data.length % 5, 0);
    assert.ok(data.length > 0);
  });

  test('names are found, renamed and refused', async () => {
    const position = { line: 3, character: 6 };
    assert.deepEqual(await ask('definition', { position }), {
      uri,
      range: { start: { line: 0, character: 16 }, end: { line: 0, character: 20 } },
    });
    const uses = await ask<object[]>('references', { position, context: { includeDeclaration: true } });
    assert.equal(uses.length, 2);
    const edit = await ask<{ changes: { [uri: string]: object[] } }>('rename', {
      position,
      newName: 'first',
    });
    assert.equal(edit.changes[uri]?.length, 2);
    await assert.rejects(ask('rename', { position, newName: '!' }), { code: -32803 });
  });

  test('code actions are of the kinds that were asked for', async () => {
    const open = 'file:///somewhere/other/Dockerfile';
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: open, languageId: 'dockerfile', version: 1, text: 'FROM a as b\nRUN x\n' },
    });
    const actions = (only?: string[]) =>
      server.connection.sendRequest<{ kind: string; edit: { changes: object } }[]>(
        'textDocument/codeAction',
        {
          textDocument: { uri: open },
          range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } },
          context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
        },
      );
    assert.deepEqual([...new Set((await actions()).map(({ kind }) => kind))], ['quickfix']);
    const only = await actions(['source']);
    assert.deepEqual([...new Set(only.map(({ kind }) => kind))], ['source.fixAll']);
    assert.ok(only.every(({ edit }) => open in edit.changes));
  });

  test('a document that is not open has nothing', async () => {
    const answer = await server.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: 'file:///other' },
      position: { line: 0, character: 0 },
    });
    assert.equal(answer, null);
  });
});
