import { createReadStream } from 'node:fs';
import { isSampanError } from '../../common/errors.ts';
import { decompress, peek } from '../image/compression.ts';

const blockSize = 512;

/** The plain tar of an archive in any compression that images may have. */
export function openArchive(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return decompress(source);
}

/**
 * Whether ADD unpacks this file: told by its content as docker does (archive.IsArchivePath), never by its
 * name. What does not decompress, or begins with no valid tar header, is an ordinary file.
 *
 * @throws SampanError `unsupported` when a program to decompress it is missing
 */
export async function isTar(path: string): Promise<boolean> {
  const plain = openArchive(createReadStream(path));
  try {
    const { head, whole } = await peek(plain, blockSize);
    await whole[Symbol.asyncIterator]().return?.();
    return head.length === blockSize && hasTarHeader(head);
  } catch (error) {
    if (isSampanError(error, 'image-invalid')) return false;
    throw error;
  }
}

/** The checksum of a tar header (pax(1), ustar): unsigned or signed sum with the field itself as blanks. */
function hasTarHeader(block: Uint8Array): boolean {
  const field = Buffer.from(block.subarray(148, 156))
    .toString('latin1')
    .replace(/[\0 ]+/g, ' ')
    .trim();
  if (!/^[0-7]+$/.test(field)) return false;
  let unsigned = 0;
  let signed = 0;
  for (const [at, byte] of block.entries()) {
    const value = at >= 148 && at < 156 ? 0x20 : byte;
    unsigned += value;
    signed += value > 127 ? value - 256 : value;
  }
  const stored = Number.parseInt(field, 8);
  return stored === unsigned || stored === signed;
}
