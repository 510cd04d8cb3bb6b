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

  test('a document that is not open has nothing', async () => {
    const answer = await server.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: 'file:///other' },
      position: { line: 0, character: 0 },
    });
    assert.equal(answer, null);
  });
});
