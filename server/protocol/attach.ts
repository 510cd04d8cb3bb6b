/**
 * Frames on an attach socket: docker's 8-byte header (stream number, three zero bytes, big-endian length),
 * with numbers of our own beyond docker's 0 to 2. The helper speaks the same in C (native/init/attach.c).
 */
export const Stream = {
  /** To the process. */
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** To the attacher, last frame: JSON `{"exitCode":n,"error"?:{"step","errno","path"}}`. */
  exit: 3,
  /** To the monitor: rows and columns, two big-endian u16. */
  resize: 4,
  /** To the process: end of input. */
  stdinEnd: 5,
  /** To the process: one byte, the signal number. */
  signal: 6,
} as const;

export type StreamNumber = (typeof Stream)[keyof typeof Stream];

/** What the exit frame says. */
export interface ExitFrame {
  readonly exitCode: number;
  readonly error?: { readonly step: string; readonly errno: string; readonly path: string };
}

const headerSize = 8;

/** One frame; `payload` is not copied when empty. */
export function encodeFrame(stream: StreamNumber, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerSize + payload.length);
  frame[0] = stream;
  new DataView(frame.buffer).setUint32(4, payload.length);
  frame.set(payload, headerSize);
  return frame;
}

/** A resize frame. */
export function encodeResize(rows: number, columns: number): Uint8Array {
  const payload = new Uint8Array(4);
  const view = new DataView(payload.buffer);
  view.setUint16(0, rows);
  view.setUint16(2, columns);
  return encodeFrame(Stream.resize, payload);
}

/** Cuts a byte stream into frames. Feed it chunks; payloads alias the chunk where they can. */
export class FrameDecoder {
  #rest: Uint8Array = new Uint8Array(0);
  readonly #onFrame: (stream: number, payload: Uint8Array) => void;

  constructor(onFrame: (stream: number, payload: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    let data = chunk;
    if (this.#rest.length > 0) {
      data = new Uint8Array(this.#rest.length + chunk.length);
      data.set(this.#rest);
      data.set(chunk, this.#rest.length);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let at = 0;
    while (data.length - at >= headerSize) {
      const size = view.getUint32(at + 4);
      if (data.length - at - headerSize < size) break;
      this.#onFrame(data[at] as number, data.subarray(at + headerSize, at + headerSize + size));
      at += headerSize + size;
    }
    this.#rest = data.slice(at);
  }
}
