/** The encoding of the SSH protocols (RFC 4251 section 5): big-endian numbers, strings with their length before them. */

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Throws `RangeError` beyond the end, as all of these. */
  byte(): number {
    const value = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  number(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.number();
    return this.take(length);
  }

  text(): string {
    return this.string().toString('utf8');
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('a field is longer than its message');
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  /** Without the zero before a first byte that would look negative. */
  integer(): Buffer {
    const value = this.string();
    const first = value.findIndex(byte => byte !== 0);
    return first === -1 ? Buffer.alloc(0) : value.subarray(first);
  }
}

export function wireNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([wireNumber(bytes.length), bytes]);
}

/** A positive integer of big-endian bytes. */
export function wireInteger(value: Uint8Array): Buffer {
  const first = value.findIndex(byte => byte !== 0);
  const bytes = first === -1 ? Buffer.alloc(0) : value.subarray(first);
  const looksNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return wireString(looksNegative ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}
