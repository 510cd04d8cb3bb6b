import { createConnection, type Socket } from 'node:net';
import { type ExitFrame, encodeFrame, encodeResize, FrameDecoder, Stream } from '../protocol/attach.ts';
import { CliFailure } from './failure.ts';

/** What the caller's terminal does for an attached process. */
export interface AttachOptions {
  readonly socketPath: string;
  /** Send this process's stdin; its end becomes the end of the process's input. */
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The process has a terminal: raw mode, window size, detach keys. */
  readonly tty: boolean;
  /** Bytes that detach (with a tty only). */
  readonly detachKeys: Uint8Array;
  /** Pass signals on to the process. */
  readonly signalProxy: boolean;
  /** A signal that came before there was a process to pass it to; 0 for none. */
  readonly firstSignal: number;
}

export type AttachEnd = { readonly kind: 'exited'; readonly exit: ExitFrame } | { readonly kind: 'detached' };

/**
 * Connects this process's standard streams with a container's until the process exits or the user detaches.
 * Back pressure goes both ways. Throws when the connection ends without a word about the exit.
 */
export async function attach(options: AttachOptions): Promise<AttachEnd> {
  const attachment = new Attachment(options);
  try {
    return await attachment.ended;
  } finally {
    attachment.release();
  }
}

class Attachment {
  readonly ended: Promise<AttachEnd>;
  readonly #options: AttachOptions;
  readonly #socket: Socket;
  readonly #cleanups: (() => void)[] = [];
  #end!: (end: AttachEnd) => void;
  #fail!: (error: Error) => void;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#socket = createConnection(options.socketPath);
    this.#socket.on('error', error => this.#fail(lost(error.message)));
    this.#socket.on('close', () => this.#fail(lost('the connection ended')));
    const decoder = new FrameDecoder((stream, payload) => this.#frame(stream, payload));
    this.#socket.on('data', chunk => decoder.push(chunk));
    this.#leaveAtExit();
    if (options.tty) this.#followWindow();
    if (options.signalProxy) this.#proxySignals();
    if (options.stdin) this.#sendStdin();
  }

  release(): void {
    for (const cleanup of this.#cleanups) cleanup();
    this.#socket.destroy();
  }

  #frame(stream: number, payload: Uint8Array): void {
    if (stream === Stream.stdout && this.#options.stdout) this.#write(process.stdout, payload);
    else if (stream === Stream.stderr && this.#options.stderr) this.#write(process.stderr, payload);
    else if (stream === Stream.exit) {
      this.#end({ kind: 'exited', exit: JSON.parse(Buffer.from(payload).toString('utf8')) as ExitFrame });
    }
  }

  /** The process waits while the reader of our output is slow. */
  #write(target: NodeJS.WriteStream, payload: Uint8Array): void {
    if (target.write(payload)) return;
    this.#socket.pause();
    target.once('drain', () => this.#socket.resume());
  }

  #send(frame: Uint8Array): boolean {
    return this.#socket.writable ? this.#socket.write(frame) : true;
  }

  #sendStdin(): void {
    const { stdin } = process;
    const raw = this.#options.tty && stdin.isTTY;
    if (raw) stdin.setRawMode(true);
    const watcher = new DetachKeys(this.#options.detachKeys);
    const onData = (chunk: Buffer) => {
      const { bytes, detach } = raw ? watcher.filter(chunk) : { bytes: chunk, detach: false };
      if (bytes.length > 0 && !this.#send(encodeFrame(Stream.stdin, bytes))) {
        stdin.pause();
        this.#socket.once('drain', () => stdin.resume());
      }
      if (detach) this.#end({ kind: 'detached' });
    };
    const onEnd = () => this.#send(encodeFrame(Stream.stdinEnd, new Uint8Array(0)));
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
    this.#cleanups.push(() => {
      // Its errors are still heard: a terminal that goes away now must not spoil the exit code.
      stdin.off('data', onData).off('end', onEnd).pause();
      if (raw) leaveRawMode(stdin);
    });
  }

  /** In a command server the socket would stay, and the process with its output would wait for it. */
  #leaveAtExit(): void {
    const leave = () => this.#socket.destroy();
    process.once('exit', leave);
    this.#cleanups.push(() => process.off('exit', leave));
  }

  #followWindow(): void {
    const { stdout } = process;
    if (!stdout.isTTY) return;
    const resize = () => this.#send(encodeResize(stdout.rows, stdout.columns));
    stdout.on('resize', resize);
    this.#cleanups.push(() => stdout.off('resize', resize));
  }

  #proxySignals(): void {
    const send = (number: number) => this.#send(encodeFrame(Stream.signal, Uint8Array.of(number)));
    if (this.#options.firstSignal !== 0) send(this.#options.firstSignal);
    for (const [name, number] of proxied) {
      const pass = () => send(number);
      process.on(name, pass);
      this.#cleanups.push(() => process.off(name, pass));
    }
  }
}

/** Fine when the terminal is gone: then nobody sees its mode. */
function leaveRawMode(stdin: NodeJS.ReadStream): void {
  try {
    stdin.setRawMode(false);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EIO')) throw error;
  }
}

/** Every signal that a Node program can take, but those that are about this process itself. */
const proxied: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGUSR1', 10],
  ['SIGUSR2', 12],
  ['SIGTERM', 15],
  ['SIGCONT', 18],
];

/** Finds the detach sequence in what the user types; a part of it is held back until the next key decides. */
export class DetachKeys {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  filter(chunk: Uint8Array): { readonly bytes: Uint8Array; readonly detach: boolean } {
    if (this.#keys.length === 0) return { bytes: chunk, detach: false };
    const passed: number[] = [];
    for (const byte of chunk) {
      if (byte !== this.#keys[this.#matched]) {
        passed.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte === this.#keys[this.#matched]) this.#matched++;
      else passed.push(byte);
      if (this.#matched === this.#keys.length) return { bytes: Uint8Array.from(passed), detach: true };
    }
    return { bytes: Uint8Array.from(passed), detach: false };
  }
}

/** `ctrl-p,ctrl-q`: characters, `ctrl-` with a letter or one of `@[\]^_`, or `DEL`. */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return new Uint8Array(0);
  return Uint8Array.from(
    text.split(',').map(key => {
      const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
      if (control !== undefined) return (control.toUpperCase().codePointAt(0) ?? 0) & 0x1f;
      if (key === 'DEL') return 0x7f;
      if (key.length === 1 && (key.codePointAt(0) ?? 256) < 128) return key.codePointAt(0) ?? 0;
      throw new CliFailure(`Invalid escape keys provided: unknown character '${key}'`);
    }),
  );
}

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The size of the caller's window, for a process that starts with a terminal. */
export function windowSize(): { ttySize: { rows: number; columns: number } } | Record<string, never> {
  const { isTTY, rows, columns } = process.stdout;
  return isTTY ? { ttySize: { rows, columns } } : {};
}

function lost(why: string): Error {
  return new CliFailure(`The container's monitor is gone: ${why}.`, {
    hint: 'See `sampan ps -a` for what became of the container.',
  });
}
