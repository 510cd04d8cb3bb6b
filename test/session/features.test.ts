import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { TokensEdit } from '../../server/language/features/tokenEncoder.ts';
import type { CompletionItem, CompletionList } from '../../server/language/features/types.ts';
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
    const { items } = await ask<CompletionList>('completion', { position: { line: 3, character: 5 } });
    assert.ok(items.some(({ label }) => label === 'base'));
    const instruction = (await ask<CompletionList>('completion', { position: { line: 4, character: 0 } }))
      .items[0];
    const resolved = await server.connection.sendRequest<CompletionItem>(
      'completionItem/resolve',
      instruction,
    );
    assert.match(resolved.documentation?.value ?? '', /dockerfile/);
  });

  test('completion offers files of the context that the ignore file leaves in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sampan-context-'));
    await writeFile(join(folder, '.dockerignore'), 'secret.txt\n');
    for (const name of ['secret.txt', 'main.go']) await writeFile(join(folder, name), '');
    const open = pathToFileURL(join(folder, 'Dockerfile')).href;
    const ignored = published(server, open);
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: {
        uri: open,
        languageId: 'dockerfile',
        version: 1,
        text: 'FROM a\nCOPY secret.txt /\nCOPY \n',
      },
    });
    await ignored('CopyIgnoredFile');
    let list: CompletionList;
    do {
      list = await server.connection.sendRequest('textDocument/completion', {
        textDocument: { uri: open },
        position: { line: 2, character: 5 },
      });
    } while (list.isIncomplete);
    const offered = list.items.map(({ label }) => label);
    assert.ok(offered.includes('main.go') && !offered.includes('secret.txt'), offered.join(' '));
    await rm(folder, { recursive: true });
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

  test('tokens after an edit are what is different', async () => {
    const textDocument = { uri: 'file:///somewhere/delta/Dockerfile' };
    const send = (method: string, params: object = {}) =>
      server.connection.sendRequest<{ resultId: string; data: number[]; edits?: TokensEdit[] }>(
        `textDocument/semanticTokens/${method}`,
        { textDocument, ...params },
      );
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: {
        ...textDocument,
        languageId: 'dockerfile',
        version: 1,
        text: 'FROM a\nRUN b\nRUN c -d\n',
      },
    });
    const before = await send('full');
    await server.connection.sendNotification('textDocument/didChange', {
      textDocument: { ...textDocument, version: 2 },
      contentChanges: [
        { range: { start: { line: 1, character: 5 }, end: { line: 1, character: 5 } }, text: ' -e' },
      ],
    });
    const { resultId, edits } = await send('full/delta', { previousResultId: before.resultId });
    const [edit, ...others] = edits ?? [];
    assert.ok(edit && others.length === 0 && edit.data.length <= 10);
    const patched = [...before.data];
    patched.splice(edit.start, edit.deleteCount, ...edit.data);
    assert.deepEqual(patched, (await send('full')).data);
    assert.equal(
      (await send('full/delta', { previousResultId: resultId })).edits,
      undefined,
      'an old id gets all',
    );
    await server.connection.sendNotification('textDocument/didClose', { textDocument });
    assert.equal(await send('full'), null);
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

/** Waits until the server has published a finding of `code` for a document; listens from now on. */
function published({ connection }: RunningServer, uri: string): (code: string) => Promise<void> {
  const codes = new Set<string>();
  let wake: () => void = () => {};
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishedDiagnostics) => {
    if (params.uri !== uri) return;
    for (const { code } of params.diagnostics) codes.add(code);
    wake();
  });
  return async code => {
    while (!codes.has(code)) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  };
}

interface PublishedDiagnostics {
  readonly uri: string;
  readonly diagnostics: readonly { readonly code: string }[];
}
