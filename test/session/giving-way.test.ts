import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analyses, type Analysis } from '../../server/handlers/language/analyses.ts';
import { Inbox } from '../../server/handlers/language/inbox.ts';
import type { ImageLookup } from '../../server/handlers/language/localStore.ts';
import { Publisher } from '../../server/handlers/language/publisher.ts';
import { serveSemanticTokens } from '../../server/handlers/language/semanticTokens.ts';
import { semanticTokens } from '../../server/language/features/semanticTokens.ts';
import { check, defaultLintSettings, type Inspection } from '../../server/language/index.ts';
import { GenericClient } from './generic-client.ts';

const uri = 'file:///somewhere/Dockerfile';

/** As much of a connection as an inbox asks for: each message is handled in a turn of its own. */
class Messages {
  readonly #waiting: (() => void)[] = [];
  #handle: () => void = () => {};

  get connection(): MessageConnection {
    const onNotification = (_: string, handler: () => void): void => {
      this.#handle = handler;
    };
    return { onNotification } as unknown as MessageConnection;
  }

  /** What `actions` do is done one after the other, as by messages that came in one piece. */
  receive(...actions: (() => void)[]): void {
    this.#waiting.push(...actions);
    setImmediate(() => this.#next());
  }

  /** In the handler: what the message that is handled does. */
  act(): void {
    this.#waiting.shift()?.();
  }

  #next(): void {
    if (this.#waiting.length > 1) setImmediate(() => this.#next());
    this.#handle();
  }
}

/** Versions of which a check was made and of which the rules were applied. */
class CountedAnalyses extends Analyses {
  readonly checked: number[] = [];
  readonly inspected: number[] = [];
  /** Called behind each check. */
  onCheck: () => void = () => {};

  override of(document: TextDocument): Analysis {
    const analysis = super.of(document);
    if (this.checked.at(-1) !== analysis.version) {
      this.checked.push(analysis.version);
      this.onCheck();
    }
    const note = () => this.inspected.push(analysis.version);
    return Object.create(analysis, {
      version: { value: analysis.version },
      inspection: {
        get(): Inspection {
          note();
          return analysis.inspection;
        },
      },
    });
  }
}

const noImages: ImageLookup = { find: () => undefined };

/** A document, what checks it, and somebody who types in it. */
class Desk {
  readonly messages = new Messages();
  readonly inbox = new Inbox({ slice: 0 });
  readonly analyses = new CountedAnalyses({
    ignoreOf: () => undefined,
    settingsOf: () => defaultLintSettings,
    findSource: () => undefined,
    shellcheckOf: () => undefined,
    images: () => noImages,
  });
  readonly document = TextDocument.create(uri, 'dockerfile', 1, 'FROM a\nRUNN b\n');
  readonly published: PublishDiagnosticsParams[] = [];
  readonly #publisher: Publisher;
  #onPublished: () => void = () => {};

  constructor() {
    this.inbox.watch(this.messages.connection).onNotification('any', () => this.messages.act());
    this.#publisher = new Publisher({
      analyses: this.analyses,
      inbox: this.inbox,
      send: params => {
        this.published.push(params);
        this.#onPublished();
      },
    });
  }

  readonly type = (): void => {
    const change = { range: this.#end, text: 'b' };
    TextDocument.update(this.document, [change], this.document.version + 1);
    this.#publisher.didChange(this.document);
  };

  readonly close = (): void => this.#publisher.didClose(uri);

  /** Resolves when diagnostics of the version are published. */
  settled(version: number): Promise<void> {
    return new Promise(resolve => {
      this.#onPublished = () => {
        if (this.published.at(-1)?.version === version) resolve();
      };
      this.#onPublished();
    });
  }

  get #end() {
    const end = this.document.positionAt(this.document.getText().length - 1);
    return { start: end, end };
  }
}

describe('diagnostics', () => {
  test('of a burst of fifty changes are made once, of the last', async () => {
    const desk = new Desk();
    desk.messages.receive(...Array.from({ length: 50 }, () => desk.type));
    await desk.settled(51);
    assert.deepEqual(desk.analyses.checked, [51]);
    assert.deepEqual(desk.analyses.inspected, [51]);
    assert.deepEqual(
      desk.published.map(({ version }) => version),
      [51],
    );
  });

  test('of a version that is obsolete by the time it is checked are given up', async () => {
    const desk = new Desk();
    desk.analyses.onCheck = () => {
      if (desk.document.version < 4) desk.messages.receive(desk.type);
    };
    desk.messages.receive(desk.type);
    await desk.settled(4);
    assert.deepEqual(desk.analyses.checked, [2, 3, 4]);
    assert.deepEqual(desk.analyses.inspected, [4]);
    assert.equal(desk.published.length, 1);
  });

  test('of a document that is closed meanwhile are not published', async () => {
    const desk = new Desk();
    desk.messages.receive(desk.type, desk.close);
    await new Promise<void>(resolve => desk.messages.receive(resolve));
    await desk.inbox.emptied();
    assert.deepEqual(desk.published, [{ uri, diagnostics: [] }]);
    assert.deepEqual(desk.analyses.inspected, []);
  });
});

describe('semantic tokens', () => {
  test('of a text that changes meanwhile are those of the new text', async () => {
    const { inbox, messages, analyses, document, type } = new Desk();
    TextDocument.update(document, [{ text: `FROM a\n${'RUN cd $A\n'.repeat(200)}ENV A=1\n` }], 2);
    type Handler = (params: object, token: object) => Promise<{ readonly data: readonly number[] }>;
    const handlers = new Map<string, Handler>();
    const onRequest = (method: string, handler: Handler) => handlers.set(method, handler);
    const analysisOf = () => analyses.of(document);
    serveSemanticTokens({ onRequest } as unknown as MessageConnection, { analysisOf, inbox });
    const full = handlers.get('textDocument/semanticTokens/full');
    const token = { isCancellationRequested: false };
    const change = { range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } }, text: '' };
    messages.receive(() => TextDocument.update(document, [change], 3));
    const tokens = await full?.({ textDocument: { uri } }, token);
    assert.equal(document.version, 3);
    assert.deepEqual(tokens?.data, semanticTokens(check(document.getText())));
    messages.receive(type, () => {
      token.isCancellationRequested = true;
    });
    await assert.rejects(async () => full?.({ textDocument: { uri } }, token), { code: -32800 });
  });
});

describe('long work', () => {
  function* steps(taken: number[]): Generator<undefined, string> {
    for (let step = 0; step < 10; step++) {
      taken.push(step);
      yield undefined;
    }
    return 'done';
  }

  test('goes on behind the messages that come', async () => {
    const { inbox, messages } = new Desk();
    const taken: number[] = [];
    const seen: number[] = [];
    messages.receive(
      () => seen.push(taken.length),
      () => seen.push(taken.length),
    );
    assert.equal(await inbox.work(steps(taken), () => false), 'done');
    assert.equal(taken.length, 10);
    // Both had their turn behind the first step.
    assert.deepEqual(seen, [1, 1]);
  });

  test('is left when a message makes it obsolete', async () => {
    const { inbox, messages } = new Desk();
    const taken: number[] = [];
    let isObsolete = false;
    messages.receive(() => {
      isObsolete = true;
    });
    assert.equal(await inbox.work(steps(taken), () => isObsolete), undefined);
    assert.deepEqual(taken, [0]);
  });
});

describe('a client that sends all at once', () => {
  const textDocument = { uri };
  const text = `FROM a\n${'RUN cd /a && ls $PWD\nENV V=1\n'.repeat(300)}RUNN c\n`;
  const last = { line: 601, character: 6 };

  async function open(capabilities: object): Promise<GenericClient> {
    const client = new GenericClient();
    await client.request('initialize', { processId: null, rootUri: null, capabilities }).answer;
    client.notify('initialized', {});
    client.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'dockerfile', version: 1, text },
    });
    return client;
  }

  async function leave(client: GenericClient): Promise<void> {
    await client.request('shutdown').answer;
    client.notify('exit');
    assert.equal(await client.exited(), 0);
  }

  const key = (version: number) => ({
    jsonrpc: '2.0',
    method: 'textDocument/didChange',
    params: {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: last, end: last }, text: 'c' }],
    },
  });
  const ask = (id: number, method: string, params: object = {}) => ({
    jsonrpc: '2.0',
    id,
    method: `textDocument/${method}`,
    params: { textDocument, ...params },
  });
  const published = (version: number) => (one: { method: string; params: { version?: number } }) =>
    one.method === 'textDocument/publishDiagnostics' && one.params.version === version;

  test('gets the diagnostics of its last change alone, and answers before them', async () => {
    const client = await open({});
    await client.notified(published(1));
    const keys = Array.from({ length: 50 }, (_, at) => key(2 + at));
    client.send(...keys, ask(1000, 'completion', { position: { line: 1, character: 0 } }));
    await client.notified(published(51));
    assert.deepEqual(
      client.unclaimed.map(({ id }) => id),
      [1000],
    );
    const versions = client.notifications.filter(({ method }) => method.endsWith('publishDiagnostics'));
    assert.deepEqual(
      versions.map(({ params }) => params.version),
      [1, 51],
    );
    await leave(client);
  });

  test('gets what it types for before the diagnostics that it asked for', async () => {
    const client = await open({ textDocument: { diagnostic: {} } });
    client.send(
      key(2),
      ask(1000, 'diagnostic'),
      ask(1001, 'completion', { position: { line: 1, character: 0 } }),
      ask(1002, 'diagnostic'),
      { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1002 } },
    );
    // They come in the order in which they are made, so others are asked for until all are there.
    while (client.unclaimed.length < 3)
      await client.request('textDocument/documentLink', { textDocument }).answer;
    const ids = client.unclaimed.map(({ id, error }) => `${id} ${error?.code ?? ''}`);
    assert.deepEqual(ids.sort(), ['1000 ', '1001 ', '1002 -32800']);
    const order = client.unclaimed.map(({ id }) => id);
    assert.ok(order.indexOf(1001) < order.indexOf(1000), order.join());
    await leave(client);
  });
});
