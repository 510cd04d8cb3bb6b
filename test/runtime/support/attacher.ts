import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import {
  type ExitFrame,
  encodeFrame,
  encodeResize,
  FrameDecoder,
  Stream,
} from '../../../server/protocol/attach.ts';

/** A client of an attach socket that keeps what it got. */
export class Attacher {
  readonly #socket: Socket;
  readonly #chunks = { [Stream.stdout]: [] as Buffer[], [Stream.stderr]: [] as Buffer[] };
  readonly #waiting: (() => void)[] = [];
  readonly connected: Promise<unknown>;
  /** Resolves with the exit frame; rejects when the socket ends without one. */
  readonly exit: Promise<ExitFrame>;

  constructor(path: string) {
    this.#socket = createConnection(path);
    this.connected = once(this.#socket, 'connect');
    this.connected.catch(() => undefined);
    this.exit = new Promise((resolve, reject) => {
      const decoder = new FrameDecoder((stream, payload) => {
        if (stream === Stream.exit) resolve(JSON.parse(Buffer.from(payload).toString()));
        else if (stream === Stream.stdout || stream === Stream.stderr) this.#keep(stream, payload);
      });
      this.#socket.on('data', chunk => decoder.push(chunk as Buffer));
      this.#socket.on('error', reject);
      this.#socket.on('close', () => reject(new Error('the attach socket ended without an exit frame')));
    });
    this.exit.catch(() => undefined);
  }

  get stdout(): string {
    return Buffer.concat(this.#chunks[Stream.stdout]).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#chunks[Stream.stderr]).toString();
  }

  /** Resolves when stdout holds `text`. */
  async saw(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      await Promise.race([new Promise<void>(resolve => this.#waiting.push(resolve)), this.exit]);
      const ended = await Promise.race([this.exit.then(() => true), Promise.resolve(false)]);
      if (ended && !this.stdout.includes(text))
        throw new Error(
          `ended without ${JSON.stringify(text)}: ${JSON.stringify(this.stdout)} ${this.stderr}`,
        );
    }
  }

  write(text: string): void {
    this.#socket.write(encodeFrame(Stream.stdin, Buffer.from(text)));
  }

  endInput(): void {
    this.#socket.write(encodeFrame(Stream.stdinEnd, new Uint8Array()));
  }

  resize(rows: number, columns: number): void {
    this.#socket.write(encodeResize(rows, columns));
  }

  signal(number: number): void {
    this.#socket.write(encodeFrame(Stream.signal, Uint8Array.of(number)));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #keep(stream: 1 | 2, payload: Uint8Array): void {
    this.#chunks[stream].push(Buffer.from(payload));
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
