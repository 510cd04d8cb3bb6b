import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { type CommandRequest, encodeMessage, FrontMessage, type TerminalSize } from './messages.ts';

const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/**
 * `process` for one command of a command server: arguments, environment, folder, streams and signals of the front that
 * it came from. It has what the code of the command uses of Node's; what is not the caller's is the server's own.
 */
export class CallerProcess extends EventEmitter {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly pid = process.pid;
  readonly platform = process.platform;
  readonly arch = process.arch;
  readonly version = process.version;
  readonly versions = process.versions;
  readonly #directory: string;
  readonly #socket: Socket;
  readonly #input: FrontInput;
  readonly #outputs: readonly FrontOutput[];
  #over = false;

  constructor(request: CommandRequest, socket: Socket) {
    super();
    const [stdin, stdout, stderr] = request.terminals;
    this.argv = ['node', 'sampan', ...request.args];
    this.env = { ...request.environment };
    this.#directory = request.directory;
    this.#socket = socket;
    this.#input = new FrontInput(socket, stdin);
    this.#outputs = [
      new FrontOutput(socket, { type: FrontMessage.stdout, terminal: stdout }),
      new FrontOutput(socket, { type: FrontMessage.stderr, terminal: stderr }),
    ];
    this.stdin = this.#input;
    this.stdout = this.#outputs[0] as FrontOutput;
    this.stderr = this.#outputs[1] as FrontOutput;
  }

  cwd(): string {
    return this.#directory;
  }

  geteuid(): number | undefined {
    return process.geteuid?.();
  }

  getuid(): number | undefined {
    return process.getuid?.();
  }

  /** Unlike Node's it comes back; what the command does after that nobody hears of. */
  exit(code = 0): void {
    if (this.#over) return;
    this.#leave();
    this.#socket.end(encodeMessage(FrontMessage.exit, Uint8Array.of(code)));
  }

  /** A message of the front that the command is to notice. */
  receive(type: number, payload: Buffer): void {
    if (type === FrontMessage.stdin) this.#input.receive(payload);
    else if (type === FrontMessage.signal) this.#signal(payload[0] ?? 0);
    else if (type === FrontMessage.broken) this.#outputs[payload[0] === 2 ? 1 : 0]?.break();
  }

  /** The front was killed, and so is the command: its requests are cancelled, what it is attached to is let go. */
  kill(): void {
    if (this.#over) return;
    this.#leave();
    if (this.listenerCount('SIGHUP') > 0) this.emit('SIGHUP', 'SIGHUP', 1);
  }

  #leave(): void {
    this.#over = true;
    this.emit('exit');
    for (const output of this.#outputs) output.close();
  }

  #signal(number: number): void {
    const name = signalNames.get(number);
    if (name === undefined || this.#over) return;
    if (this.listenerCount(name) > 0) this.emit(name, name, number);
    else if (name !== 'SIGCONT')
      this.#socket.write(encodeMessage(FrontMessage.takeDefault, Uint8Array.of(number)));
  }
}

/** Each piece is asked for, so that a command that does not read leaves the rest to whoever reads the stream next. */
class FrontInput extends Readable {
  readonly isTTY: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, terminal: TerminalSize | undefined) {
    super({ highWaterMark: 1 });
    this.isTTY = terminal !== undefined;
    this.#socket = socket;
  }

  override _read(): void {
    this.#socket.write(encodeMessage(FrontMessage.read));
  }

  receive(payload: Buffer): void {
    this.push(payload.length === 0 ? null : payload);
  }
}

class FrontOutput extends Writable {
  readonly isTTY: boolean;
  readonly rows: number | undefined;
  readonly columns: number | undefined;
  readonly #socket: Socket;
  readonly #type: number;
  #closed = false;

  constructor(
    socket: Socket,
    { type, terminal }: { readonly type: number; readonly terminal: TerminalSize | undefined },
  ) {
    super({ highWaterMark: 64 * 1024, emitClose: false });
    this.isTTY = terminal !== undefined;
    this.rows = terminal?.rows;
    this.columns = terminal?.columns;
    this.#socket = socket;
    this.#type = type;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (chunk.length === 0 || this.#closed) done();
    else this.#socket.write(encodeMessage(this.#type, chunk), () => done());
  }

  /** Nobody reads any more. */
  break(): void {
    if (!this.#closed) this.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  }

  close(): void {
    this.#closed = true;
  }
}
