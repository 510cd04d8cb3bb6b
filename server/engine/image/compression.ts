import { spawn } from 'node:child_process';
import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { SampanError } from '../../common/errors.ts';
import { hasErrno } from '../store/failure.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const magics: readonly { readonly compression: Compression; readonly bytes: readonly number[] }[] = [
  { compression: 'gzip', bytes: [0x1f, 0x8b] }, // RFC 1952
  { compression: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] }, // RFC 8878
  { compression: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { compression: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
];

/** Zlib's default of 16 KiB spends more time going to its thread and back than unpacking. */
const chunkSize = 256 * 1024;

/** Bytes that {@link detectCompression} wants to see. */
export const magicLength = 6;

/** Told from the first bytes, because media types and file names lie. */
export function detectCompression(head: Uint8Array): Compression {
  const found = magics.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  return found?.compression ?? 'none';
}

/**
 * The plain bytes of a stream in any of these compressions. Throws `image-invalid` for damaged data, and
 * `unsupported` when this Node lacks zstd (it came with 22.15) or the program `xz` or `bzip2` is missing.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { head, whole } = await peek(source, magicLength);
  const compression = detectCompression(head);
  if (compression === 'none') yield* whole;
  else if (compression === 'gzip')
    yield* through(whole, { transform: zlib.createGunzip({ chunkSize }), compression });
  else if (compression === 'zstd' && zstd !== undefined) {
    yield* through(whole, { transform: zstd({ chunkSize }), compression });
  } else yield* throughProgram(whole, compression);
}

/** The first `length` bytes (fewer at the end), and the stream from its beginning. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ readonly head: Uint8Array; readonly whole: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < length) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  const head = Buffer.concat(chunks);
  return { head: head.subarray(0, length), whole: continueFrom(head, iterator) };
}

async function* continueFrom(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** Not in the types of Node 20, the oldest that we run on. */
const zstd = (zlib as { readonly createZstdDecompress?: (options: { chunkSize: number }) => Transform })
  .createZstdDecompress;

async function* through(
  source: AsyncIterable<Uint8Array>,
  { transform, compression }: { readonly transform: Transform; readonly compression: Compression },
): AsyncIterable<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  let sourceError: Error | undefined;
  input.on('error', error => {
    sourceError = error;
    transform.destroy(error);
  });
  input.pipe(transform);
  try {
    yield* transform;
  } catch (error) {
    throw sourceError ?? damaged(compression, error);
  } finally {
    input.destroy();
    transform.destroy();
  }
}

/** As docker does for xz: the program of the same name, from PATH. */
async function* throughProgram(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  const program = spawn(compression, ['-d', '-c', '-q'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    program.once('error', reject);
    program.once('close', resolve);
  });
  ended.catch(() => undefined);
  const input = Readable.from(source, { objectMode: false });
  let sourceError: Error | undefined;
  input.on('error', error => {
    sourceError = error;
    program.kill();
  });
  // The program may end before it has read everything; its exit code says what that means.
  program.stdin.on('error', () => input.destroy());
  input.pipe(program.stdin);
  try {
    yield* program.stdout;
    const code = await ended.catch(error => Promise.reject(missingProgram(compression, error)));
    if (sourceError !== undefined) throw sourceError;
    if (code !== 0) throw damaged(compression, undefined);
  } finally {
    input.destroy();
    program.kill();
  }
}

function damaged(compression: Compression, cause: unknown): SampanError {
  return new SampanError('image-invalid', `The ${compression} data is damaged or cut off.`, {
    hint: 'Get the file or image again from its source.',
    cause,
  });
}

function missingProgram(compression: Compression, cause: unknown): unknown {
  if (!hasErrno(cause, 'ENOENT')) return cause;
  return new SampanError(
    'unsupported',
    `The data is compressed with ${compression}, and the program "${compression}" is not installed.`,
    { hint: `Install ${compression}, or decompress the file first.`, cause },
  );
}
