import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** An answer of the server as it came, `result` or `error`. */
export interface Answer {
  readonly id: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Notification {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly params: any;
}

/**
 * A client of the language server that is written from the specification alone (LSP 3.17 "Base Protocol"): headers and
 * JSON over pipes, no library of an editor.
 */
export class GenericClient {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Set<(notification: Notification) => void>();
  readonly notifications: Notification[] = [];
  /** Answers to requests that were sent by hand. */
  readonly unclaimed: Answer[] = [];
  /** Methods of requests that the server sent. */
  readonly asked: string[] = [];
  #input: Buffer = Buffer.alloc(0);
  #id = 0;

  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(process.execPath, [entry, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SAMPAN_ROOT: '/proc/nowhere', SAMPAN_RUN: '/proc/nowhere', ...environment },
    });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** Sends a request; the id is of use for cancelling it. */
  request(method: string, params?: unknown): { readonly id: number; readonly answer: Promise<Answer> } {
    const id = ++this.#id;
    const answer = new Promise<Answer>(resolve => this.#waiting.set(id, resolve));
    this.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) });
    return { id, answer };
  }

  notify(method: string, params?: unknown): void {
    this.send({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  send(...messages: readonly object[]): void {
    const frames = messages.map(message => {
      const body = Buffer.from(JSON.stringify(message));
      return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
    });
    this.write(Buffer.concat(frames));
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#process.stdin.write(bytes);
  }

  /** The next notification that `matches`, or one that came already. */
  async notified(matches: (notification: Notification) => boolean): Promise<Notification> {
    const known = this.notifications.find(matches);
    if (known) return known;
    return new Promise(resolve => {
      const listener = (notification: Notification): void => {
        if (!matches(notification)) return;
        this.#listeners.delete(listener);
        resolve(notification);
      };
      this.#listeners.add(listener);
    });
  }

  /** The exit code, once the server has ended. */
  async exited(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const [code] = await once(this.#process, 'exit');
    return code;
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      const end = this.#input.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.toString('ascii', 0, end))?.[1]);
      if (this.#input.length < end + 4 + length) return;
      const body = this.#input.toString('utf8', end + 4, end + 4 + length);
      this.#input = this.#input.subarray(end + 4 + length);
      this.#dispatch(JSON.parse(body));
    }
  }

  #dispatch(message: Answer & Notification): void {
    if (message.method === undefined) {
      const take = this.#waiting.get(message.id) ?? ((answer: Answer) => this.unclaimed.push(answer));
      this.#waiting.delete(message.id);
      take(message);
    } else if (message.id === undefined) {
      this.notifications.push(message);
      for (const listener of [...this.#listeners]) listener(message);
    } else {
      this.asked.push(message.method);
      this.send({ jsonrpc: '2.0', id: message.id, result: null });
    }
  }
}
