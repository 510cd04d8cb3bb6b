import { SampanError } from '../../../common/errors.ts';

/** One header block of a tar archive: POSIX ustar with GNU's and pax's extensions (pax(1), tar(5)). */
export interface TarHeader {
  readonly name: string;
  /** Bytes of content that follow. */
  readonly size: number;
  /** `0` file, `1` hard link, `2` symbolic link, `5` directory, `x` `g` pax, `L` `K` GNU long names. */
  readonly type: string;
  readonly linkTarget: string;
}

export const blockSize = 512;

const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
const checksumAt = 148;
const maxOctalSize = 0o77777777777;

/** Undefined for the zero block that ends an archive. Throws `image-invalid` when the checksum is wrong. */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined;
  const stored = Number.parseInt(field(block, { at: checksumAt, length: 8 }).trim(), 8);
  if (stored !== checksum(block)) throw notTar('a header has the wrong checksum');
  // Not GNU's magic, `ustar` and blanks: its archives have times where the prefix would be.
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? field(block, { at: 345, length: 155 }) : '';
  const name = field(block, { at: 0, length: 100 });
  const flag = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    // Some writers give links and folders the size of a content that does not follow.
    size: headerOnly.has(flag) ? 0 : numberField(block, { at: 124, length: 12 }),
    type: flag === '\0' || flag === '7' ? '0' : flag,
    linkTarget: field(block, { at: 157, length: 100 }),
  };
}

/** A header with no owner and no time, so that equal content gives equal bytes. `name` is at most 100 ASCII bytes. */
export function encodeTarHeader(entry: {
  readonly name: string;
  readonly size: number;
  readonly type: 'file' | 'directory';
}): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(entry.name, 0, 100, 'latin1');
  block.write(entry.type === 'directory' ? '0000755\0' : '0000644\0', 100, 'latin1');
  block.write('0000000\0'.repeat(2), 108, 'latin1');
  writeSize(block, entry.size);
  block.write('00000000000\0', 136, 'latin1');
  block.write(entry.type === 'directory' ? '5' : '0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write('0000000\0'.repeat(2), 329, 'latin1');
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, checksumAt, 'latin1');
  return block;
}

/** Zero bytes that fill the last block of a content. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** The records of a pax header (`x`): `length key=value\n`, repeated. */
export function decodePax(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, blank));
    if (blank < 0 || !Number.isInteger(length) || length <= 0 || at + length > content.length) {
      throw notTar('an extended header is damaged');
    }
    const record = content.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

export function notTar(why: string): SampanError {
  return new SampanError('image-invalid', `This is not a tar archive that can be read: ${why}.`, {
    hint: 'Give an archive made by "docker save", "podman save", "skopeo copy" or "sampan save".',
  });
}

function field(block: Buffer, { at, length }: { readonly at: number; readonly length: number }): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 || end > at + length ? at + length : end);
}

/** Octal text, or (first bit set) big-endian binary for what octal cannot hold. */
function numberField(block: Buffer, place: { readonly at: number; readonly length: number }): number {
  const first = block[place.at] ?? 0;
  if ((first & 0x80) === 0) {
    const text = field(block, place).trim();
    const value = text === '' ? 0 : Number.parseInt(text, 8);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw notTar('a header has no valid size');
  }
  const value = block.readBigUInt64BE(place.at + 4);
  if (first !== 0x80 || value > BigInt(Number.MAX_SAFE_INTEGER)) throw notTar('a size is out of range');
  return Number(value);
}

function writeSize(block: Buffer, size: number): void {
  if (size <= maxOctalSize) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(size), 128);
}

/** Sum of all bytes with the checksum field itself counted as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at += 1) {
    if (at < checksumAt || at >= checksumAt + 8) sum += block[at] ?? 0;
  }
  return sum;
}
