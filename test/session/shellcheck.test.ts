import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Diagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { findShellcheck } from '../../server/handlers/shellcheck/program.ts';
import type { ShellcheckState } from '../../server/protocol/types.ts';
import { eventually } from '../runtime/support/sandbox.ts';
import { type RunningServer, startServer } from './client.ts';

const text = '# syntax=docker/dockerfile:1\nFROM busybox:1\nRUN echo one \\\n  # why\n  && ls $two\n';

/** A client that opens one document and listens. */
class Client {
  readonly server: RunningServer;
  readonly uri = 'file:///somewhere/Dockerfile';
  readonly states: ShellcheckState[] = [];
  #published: readonly Diagnostic[] = [];
  #version = 0;
  #wake = () => {};

  constructor(server: RunningServer) {
    this.server = server;
    server.connection.onNotification(
      'textDocument/publishDiagnostics',
      ({ diagnostics }: PublishDiagnosticsParams) => {
        this.#published = diagnostics;
        this.#wake();
      },
    );
    server.connection.onNotification('sampan/shellcheck/state', (state: ShellcheckState) => {
      this.states.push(state);
      this.#wake();
    });
  }

  async open(shellcheck: object, content = text): Promise<void> {
    const { connection } = this.server;
    const initializationOptions = { shellcheck };
    await connection.sendRequest('initialize', { capabilities: {}, initializationOptions });
    await connection.sendNotification('initialized', {});
    const textDocument = { uri: this.uri, languageId: 'dockerfile', version: ++this.#version, text: content };
    await connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  async change(content: string): Promise<void> {
    await this.server.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: this.uri, version: ++this.#version },
      contentChanges: [{ text: content }],
    });
  }

  async configure(shellcheck: object): Promise<void> {
    const settings = { sampan: { shellcheck } };
    await this.server.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  }

  /** Codes and lines of what ShellCheck found, as published last. */
  get found(): string[] {
    return this.#published
      .filter(({ code }) => String(code).startsWith('SC'))
      .map(({ code, range: { start } }) => `${code} ${start.line}:${start.character}`)
      .sort();
  }

  /** Resolves when `holds` does, which is asked whenever something comes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }
}

describe('findings of ShellCheck', () => {
  let folder = '';
  let server: RunningServer;
  const start = (environment?: NodeJS.ProcessEnv): Client => {
    server = startServer(environment);
    return new Client(server);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sampan-shellcheck-'));
  });
  afterEach(() => server.leave());
  after(() => rmSync(folder, { recursive: true }));
  const program = (name: string, script: string): string => {
    const path = join(folder, name);
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  };

  test('come where they are, follow the text and go when they are switched off', async () => {
    const client = start();
    await client.open({});
    await client.until(() => client.found.includes('SC2086 4:8'));
    assert.deepEqual(client.found, ['SC2086 4:8', 'SC2154 4:8']);
    assert.equal(client.states[0]?.state, 'ready');
    await client.change(text.replace('one', 'longer').replace('$two', '"$two" \\\n  && echo `date`'));
    await client.until(() => client.found.includes('SC2006 5:10'));
    assert.ok(!client.found.some(one => one.startsWith('SC2086')));
    await client.configure({ enabled: false });
    await client.until(() => client.found.length === 0 && client.states.at(-1)?.state === 'off');
    await client.configure({ enabled: true });
    await client.until(() => client.found.includes('SC2006 5:10'));
  });

  test('are not looked for in a workspace that the client does not trust', async () => {
    const path = program('never', '#!/bin/sh\ntouch "$0.ran"\n');
    const client = start();
    await client.open({ enabled: false, path });
    const absent = join(folder, 'absent');
    await client.configure({ enabled: true, path: absent });
    await client.until(() => client.states.length > 0);
    assert.deepEqual(client.states, [{ state: 'missing', path: absent }]);
    assert.ok(!existsSync(`${path}.ran`));
  });

  test('are missed once, and found as soon as there is a program', async () => {
    const installed = await findShellcheck('');
    assert.ok(installed);
    const client = start({ PATH: folder });
    await client.open({});
    await client.until(() => client.states.length > 0);
    assert.deepEqual(client.states, [{ state: 'missing', path: '' }]);
    symlinkSync(installed, join(folder, 'shellcheck'));
    await client.change(text.replace('one', 'two'));
    await client.until(() => client.found.includes('SC2086 4:8'));
    assert.deepEqual(
      client.states.map(({ state }) => state),
      ['missing', 'ready'],
    );
  });

  test('of a program that does not work are one sentence', async () => {
    const path = program('broken', '#!/bin/sh\necho "no such option" >&2\nexit 3\n');
    const client = start({ SAMPAN_LOG: 'error' });
    await client.open({ path });
    await client.until(() => client.states.length > 0);
    const message = `${path} could not check a script: no such option`;
    assert.deepEqual(client.states, [{ state: 'failed', message }]);
  });

  test('of a text that is gone are given up', async () => {
    const log = join(folder, 'log');
    const comment = {
      file: '-',
      line: 2,
      endLine: 2,
      column: 1,
      endColumn: 2,
      level: 'info',
      code: 1,
      message: 'm',
    };
    const path = program(
      'slow',
      `#!/bin/sh\ncase $(cat) in *slow*) echo $$ >>${log}; exec sleep 1000;; esac\n` +
        `echo '${JSON.stringify({ comments: [{ ...comment, fix: null }] })}'\nexit 1\n`,
    );
    const client = start();
    const slow = [1, 2, 3, 4].map(number => `RUN slow ${number}\n`).join('');
    await client.open({ path }, `FROM busybox:1\n${slow}`);
    const pids = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(Number) : []);
    await eventually('two slow ones run', () => pids().length === 2);
    await client.change('FROM busybox:1\nRUN quick\n');
    await client.until(() => client.found.includes('SC1 1:4'));
    await eventually('the slow ones are gone', () => !pids().some(pid => existsSync(`/proc/${pid}`)));
    assert.equal(pids().length, 2);
  });
});
