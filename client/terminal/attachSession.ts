import { createConnection, type Socket } from 'node:net';
import {
  type ExitFrame,
  encodeFrame,
  encodeResize,
  FrameDecoder,
  Stream,
} from '../../server/protocol/attach.ts';

/** How a session ended: with the process, or without an exit frame when the connection was lost. */
export interface SessionEnd {
  readonly exit?: ExitFrame;
  readonly error?: Error;
}

export interface AttachEvents {
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Called once, unless the session was closed from here. */
  readonly onEnd: (end: SessionEnd) => void;
}

/** One attachment to a container's main process or to an exec'd one, over its unix socket. */
export class AttachSession {
  readonly #socket: Socket;
  readonly #events: AttachEvents;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #exit: ExitFrame | undefined;
  #error: Error | undefined;
  #closed = false;

  /** Connects to `path` at once. */
  constructor(path: string, events: AttachEvents) {
    this.#events = events;
    const frames = new FrameDecoder((stream, payload) => this.#onFrame(stream, payload));
    this.#socket = createConnection(path);
    this.#socket.on('data', chunk => frames.push(chunk));
    this.#socket.on('error', error => {
      this.#error = error;
    });
    this.#socket.on('close', () => this.#onClose());
  }

  /** To the process's standard input. */
  write(data: Uint8Array): void {
    this.#send(encodeFrame(Stream.stdin, data));
  }

  /** End of the process's standard input. */
  endInput(): void {
    this.#send(encodeFrame(Stream.stdinEnd, new Uint8Array(0)));
  }

  resize(size: { readonly rows: number; readonly columns: number }): void {
    this.#send(encodeResize(size.rows, size.columns));
  }

  /** Sends a signal by its Linux number. */
  signal(number: number): void {
    this.#send(encodeFrame(Stream.signal, Uint8Array.of(number)));
  }

  /** Detaches; the process goes on. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #send(frame: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(frame);
  }

  #onFrame(stream: number, payload: Uint8Array): void {
    if (stream === Stream.stdout || stream === Stream.stderr) {
      const name = stream === Stream.stdout ? 'stdout' : 'stderr';
      this.#events.onOutput(name, this.#decoders[name].decode(payload, { stream: true }));
    } else if (stream === Stream.exit) {
      this.#exit = JSON.parse(new TextDecoder().decode(payload)) as ExitFrame;
    }
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.onEnd({
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    });
  }
}
