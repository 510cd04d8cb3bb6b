/** What a front and a command server say to each other: native/WIRE.md, "The front and the command server". */
export const FrontMessage = {
  command: 1,
  accept: 2,
  stdout: 3,
  stderr: 4,
  read: 5,
  stdin: 6,
  signal: 7,
  takeDefault: 8,
  broken: 9,
  exit: 10,
  decline: 11,
} as const;

/** Longest that a front's message may be: more than the kernel lets a program have of arguments and environment. */
const messageMax = 16 * 1024 * 1024;

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A command line and where it was typed. */
export interface CommandRequest {
  /** Of the launcher that the front would run itself. */
  readonly build: string;
  /** Of the mount namespace in which its paths mean something. */
  readonly mountNamespace: string;
  /** As umask(1) prints it. */
  readonly umask: string;
  readonly directory: string;
  /** Of stdin, stdout and stderr; undefined for one that is no terminal. */
  readonly terminals: readonly (TerminalSize | undefined)[];
  readonly args: readonly string[];
  readonly environment: { readonly [name: string]: string };
}

/** `u32le length | u8 type | payload`. */
export function encodeMessage(type: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const message = Buffer.allocUnsafe(5 + payload.length);
  message.writeUInt32LE(payload.length + 1);
  message[4] = type;
  message.set(payload, 5);
  return message;
}

/** Puts messages together from what a socket brings; `take` gets each. Throws a RangeError for one that cannot be. */
export function messageReader(take: (type: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return chunk => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 5) {
      const size = held.readUInt32LE();
      if (size < 1 || size > messageMax) throw new RangeError(`a message of ${size} bytes`);
      if (held.length < 4 + size) return;
      const message = held.subarray(4, 4 + size);
      held = held.subarray(4 + size);
      take(message[0] as number, message.subarray(1));
    }
  };
}

/** Texts that end with NUL each: what is fixed, the number of arguments, they, and the environment. */
export function decodeCommand(payload: Buffer): CommandRequest {
  const texts = payload.toString('utf8').split('\0').slice(0, -1);
  const [build = '', mountNamespace = '', umask = '', directory = '', ...rest] = texts;
  const terminals = rest.slice(0, 3).map(decodeTerminal);
  const count = Number(rest[3]);
  return {
    build,
    mountNamespace,
    umask,
    directory,
    terminals,
    args: rest.slice(4, 4 + count),
    environment: Object.fromEntries(rest.slice(4 + count).map(decodeVariable)),
  };
}

function decodeTerminal(text: string): TerminalSize | undefined {
  if (text === '-') return undefined;
  const [rows = 0, columns = 0] = text.split(' ').map(Number);
  return { rows, columns };
}

function decodeVariable(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
