import { createConnection, type Socket } from 'node:net';
import { SampanError } from '../../common/errors.ts';

/** Messages between server and helper; the format is in native/WIRE.md. */
export const MessageType = { request: 1, result: 2, error: 3, data: 4, end: 5, item: 6 } as const;

/** Largest data message, as the helper enforces it. */
export const dataMax = 256 * 1024;

export type FieldValue = string | number | bigint | boolean | Uint8Array;
/** Undefined values are left out; a list becomes repeated fields. */
export type Fields = { readonly [key: string]: FieldValue | readonly FieldValue[] | undefined };

/** Fields whose order counts: groups of keys that repeat. */
export type FieldList = readonly (readonly [key: string, value: Fields[string]])[];

/** Encode fields in the order given. */
export function encodeFields(fields: Fields | FieldList): Buffer {
  const parts: Buffer[] = [];
  const entries = Array.isArray(fields) ? (fields as FieldList) : Object.entries(fields as Fields);
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly FieldValue[]) : [value as FieldValue]) {
      const keyBytes = Buffer.from(key);
      const valueBytes = encodeValue(one);
      const head = Buffer.allocUnsafe(5 + keyBytes.length);
      head[0] = keyBytes.length;
      keyBytes.copy(head, 1);
      head.writeUInt32LE(valueBytes.length, 1 + keyBytes.length);
      parts.push(head, valueBytes);
    }
  }
  return Buffer.concat(parts);
}

function encodeValue(value: FieldValue): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'boolean') return Buffer.from(value ? '1' : '0');
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Buffer.from(String(value));
}

/** Decoded fields: the values of each key in order. */
export class ReceivedFields {
  /** The fields as they came. */
  readonly payload: Buffer;
  readonly #values = new Map<string, Buffer[]>();

  constructor(payload: Buffer) {
    this.payload = payload;
    let at = 0;
    while (at < payload.length) {
      const keySize = payload[at] as number;
      const key = payload.toString('latin1', at + 1, at + 1 + keySize);
      const size = payload.readUInt32LE(at + 1 + keySize);
      const start = at + 5 + keySize;
      const list = this.#values.get(key);
      const value = payload.subarray(start, start + size);
      if (list) list.push(value);
      else this.#values.set(key, [value]);
      at = start + size;
    }
  }

  bytes(key: string): Buffer | undefined {
    return this.#values.get(key)?.[0];
  }

  text(key: string): string {
    return this.bytes(key)?.toString() ?? '';
  }

  optionalText(key: string): string | undefined {
    return this.bytes(key)?.toString();
  }

  list(key: string): readonly string[] {
    return (this.#values.get(key) ?? []).map(value => value.toString());
  }

  number(key: string): number {
    return Number(this.text(key));
  }

  flag(key: string): boolean {
    return this.text(key) === '1';
  }
}

/** The helper's own report of a failed step. */
export class HelperError extends Error {
  readonly step: string;
  readonly path: string;
  readonly errno: string;

  constructor(fields: ReceivedFields) {
    const path = fields.text('path');
    super(`${fields.text('step')}${path ? ` ${path}` : ''}: ${fields.text('message')}`);
    this.name = 'HelperError';
    this.step = fields.text('step');
    this.path = path;
    this.errno = fields.text('errno');
  }
}

export interface RequestOptions {
  /** Data that follows the request. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Data of the answer; reading pauses while the promise is pending. */
  readonly onData?: (chunk: Buffer) => Promise<void> | void;
  readonly onItem?: (fields: ReceivedFields) => void;
}

interface Pending {
  readonly options: RequestOptions;
  readonly resolve: (fields: ReceivedFields) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One session with the helper: requests one after another, each answered by items, data and one result.
 * Rejects with {@link HelperError} when the helper reports a failure and `helper-lost` when it went away.
 */
export class HelperConnection {
  readonly #socket: Socket;
  #buffered: Buffer[] = [];
  #bufferedSize = 0;
  #pending: Pending | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', chunk => this.#receive(chunk as Buffer));
    socket.on('error', error => this.#fail(lost(error)));
    socket.on('close', () => this.#fail(lost(undefined)));
  }

  /** Connect to the holder. Rejects with Node's error (ENOENT, ECONNREFUSED) when none listens. */
  static open(path: string): Promise<HelperConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HelperConnection(socket));
      });
    });
  }

  request(
    op: string,
    fields: Fields | FieldList = {},
    options: RequestOptions = {},
  ): Promise<ReceivedFields> {
    const run = this.#turn.then(() => this.#request(op, fields, options));
    this.#turn = run.catch(() => undefined);
    return run;
  }

  close(): void {
    this.#closed ??= lost(undefined);
    this.#socket.destroy();
  }

  async #request(op: string, fields: Fields | FieldList, options: RequestOptions): Promise<ReceivedFields> {
    if (this.#closed) throw this.#closed;
    const answer = new Promise<ReceivedFields>((resolve, reject) => {
      this.#pending = { options, resolve, reject };
    });
    answer.catch(() => undefined);
    await this.#send(MessageType.request, Buffer.concat([encodeFields({ op }), encodeFields(fields)]));
    if (options.input) await this.#sendAll(options.input);
    return answer;
  }

  async #sendAll(input: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length && this.#pending; at += dataMax) {
        const part = chunk.subarray(at, at + dataMax);
        await this.#send(MessageType.data, Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      }
      if (!this.#pending) return; // the helper already answered: it failed
    }
    await this.#send(MessageType.end, Buffer.alloc(0));
  }

  #send(type: number, payload: Buffer): Promise<void> | void {
    const head = Buffer.allocUnsafe(5);
    head.writeUInt32LE(payload.length + 1);
    head[4] = type;
    // One system call for both, so that the helper wakes once.
    this.#socket.cork();
    this.#socket.write(head);
    const flows = payload.length === 0 || this.#socket.write(payload);
    this.#socket.uncork();
    if (flows) return;
    return new Promise(resolve => {
      const done = () => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  #receive(chunk: Buffer): void {
    this.#buffered.push(chunk);
    this.#bufferedSize += chunk.length;
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#bufferedSize >= 5) {
      const head = this.#peek(5);
      const size = head.readUInt32LE();
      if (this.#bufferedSize < 4 + size) return;
      const message = this.#take(4 + size);
      const wait = this.#handle(message[4] as number, message.subarray(5));
      if (wait) {
        this.#socket.pause();
        wait.then(
          () => {
            this.#socket.resume();
            this.#dispatch();
          },
          error => this.#fail(error instanceof Error ? error : new Error(String(error))),
        );
        return;
      }
    }
  }

  #handle(type: number, payload: Buffer): Promise<void> | undefined {
    const pending = this.#pending;
    if (!pending) return undefined;
    if (type === MessageType.data) return pending.options.onData?.(payload) ?? undefined;
    if (type === MessageType.item) pending.options.onItem?.(new ReceivedFields(payload));
    if (type === MessageType.result || type === MessageType.error) {
      this.#pending = undefined;
      const fields = new ReceivedFields(payload);
      if (type === MessageType.result) pending.resolve(fields);
      else pending.reject(new HelperError(fields));
    }
    return undefined;
  }

  #peek(size: number): Buffer {
    const first = this.#buffered[0] as Buffer;
    if (first.length < size) this.#buffered = [Buffer.concat(this.#buffered)];
    return this.#buffered[0] as Buffer;
  }

  #take(size: number): Buffer {
    const first = this.#buffered[0] as Buffer;
    const all = first.length < size ? Buffer.concat(this.#buffered) : first;
    if (all !== first) this.#buffered = [all];
    const rest = all.subarray(size);
    if (rest.length > 0) this.#buffered[0] = rest;
    else this.#buffered.shift();
    this.#bufferedSize -= size;
    return all.subarray(0, size);
  }

  #fail(error: Error): void {
    this.#closed ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(error);
    this.#socket.destroy();
  }
}

function lost(cause: unknown): SampanError {
  return new SampanError('helper-lost', 'The native helper ended before it answered.', {
    hint: 'Try again: the next request starts a new one. If it happens again, see the log of the server.',
    cause,
  });
}
