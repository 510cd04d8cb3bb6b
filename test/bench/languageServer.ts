import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { InitializeResult } from 'vscode-languageserver';

const root = join(import.meta.dirname, '../..');

/** The language servers that take part, by name, with what node is to run. */
export const servers: { readonly [name: string]: readonly string[] } = {
  sampan: [join(root, 'dist/server.js'), '--stdio'],
  'dockerfile-language-server-nodejs': [
    join(root, 'node_modules/dockerfile-language-server-nodejs/bin/docker-langserver'),
    '--stdio',
  ],
};

interface Published {
  readonly uri: string;
  readonly version?: number;
}

/** A language server over stdio, used as an editor does. */
export class BenchServer {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  #published: (params: Published) => void = () => {};
  #version = 1;
  #documents = 0;
  #uri = '';
  #hasDelta = false;
  #tokens: string | undefined;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error('the server has no pipes');
    this.#connection = createMessageConnection(
      new StreamMessageReader(stdout),
      new StreamMessageWriter(stdin),
    );
    this.#connection.onNotification('textDocument/publishDiagnostics', (params: Published) =>
      this.#published(params),
    );
    this.#connection.onRequest('workspace/configuration', (params: { items: unknown[] }) =>
      params.items.map(() => null),
    );
    this.#connection.onRequest('client/registerCapability', () => null);
    this.#connection.listen();
  }

  async initialize(): Promise<void> {
    const { capabilities } = await this.#connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: { textDocument: { publishDiagnostics: { versionSupport: true } } },
    });
    const full = capabilities.semanticTokensProvider?.full;
    this.#hasDelta = typeof full === 'object' && full.delta === true;
    await this.#connection.sendNotification('initialized', {});
  }

  /** Opens a document in place of the one before; milliseconds until its diagnostics are there. */
  async open(text: string): Promise<number> {
    if (this.#uri !== '') {
      const textDocument = { uri: this.#uri };
      await this.#connection.sendNotification('textDocument/didClose', { textDocument });
    }
    this.#uri = `file:///bench/${++this.#documents}/Dockerfile`;
    return this.#timed(
      () => true,
      () =>
        this.#connection.sendNotification('textDocument/didOpen', {
          textDocument: { uri: this.#uri, languageId: 'dockerfile', version: this.#version, text },
        }),
    );
  }

  /** Types characters without waiting; milliseconds until the diagnostics of the last are there. */
  async type(line: number, character: number, count = 1): Promise<number> {
    const last = this.#version + count;
    let seen = 0;
    const isLast = ({ version }: Published): boolean => {
      seen++;
      return version === last || (version === undefined && seen === count);
    };
    return this.#timed(isLast, async () => {
      for (let at = 0; at < count; at++) {
        const position = { line, character: character + at };
        this.#version++;
        void this.#connection.sendNotification('textDocument/didChange', {
          textDocument: { uri: this.#uri, version: this.#version },
          contentChanges: [{ range: { start: position, end: position }, text: 'b' }],
        });
      }
    });
  }

  /** Milliseconds that a request takes. */
  async request(method: string, params: object): Promise<number> {
    const start = performance.now();
    await this.#ask(method, params);
    return performance.now() - start;
  }

  /** Milliseconds to all semantic tokens. */
  async tokens(): Promise<number> {
    const start = performance.now();
    const tokens = await this.#ask<{ resultId?: string }>('textDocument/semanticTokens/full');
    this.#tokens = tokens.resultId;
    return performance.now() - start;
  }

  /** Milliseconds to what has changed of the semantic tokens; to all of them where the server knows no differences. */
  async tokensAgain(): Promise<number> {
    if (!this.#hasDelta) return this.tokens();
    const start = performance.now();
    const previousResultId = this.#tokens ?? '';
    const tokens = await this.#ask<{ resultId?: string }>('textDocument/semanticTokens/full/delta', {
      previousResultId,
    });
    this.#tokens = tokens.resultId;
    return performance.now() - start;
  }

  #ask<T>(method: string, params: object = {}): Promise<T> {
    return this.#connection.sendRequest<T>(method, { textDocument: { uri: this.#uri }, ...params });
  }

  /** Resident memory in MiB. */
  residentMebibytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async close(): Promise<void> {
    this.#connection.dispose();
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async #timed(isWanted: (params: Published) => boolean, act: () => Promise<void>): Promise<number> {
    const done = new Promise<void>(resolve => {
      this.#published = params => {
        if (params.uri === this.#uri && isWanted(params)) resolve();
      };
    });
    const start = performance.now();
    await act();
    await done;
    return performance.now() - start;
  }
}
