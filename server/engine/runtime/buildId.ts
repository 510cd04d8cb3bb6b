import { open } from 'node:fs/promises';

/** PT_NOTE and NT_GNU_BUILD_ID, elf(5). */
const [segmentNote, noteBuildId] = [4, 3];

/**
 * The linker's build id of a 64-bit little-endian ELF file, in hex; empty when it was linked without one. Linkers put
 * headers and notes into the first page, so no more is read.
 */
export async function readBuildId(path: string): Promise<string> {
  const file = await open(path);
  try {
    const page = Buffer.alloc(4096);
    const { bytesRead } = await file.read(page, 0, page.length, 0);
    return findBuildId(page.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function findBuildId(page: Buffer): string {
  if (page.length < 64 || page.readUInt32BE(0) !== 0x7f454c46) return '';
  const headers = Number(page.readBigUInt64LE(32));
  const [size, count] = [page.readUInt16LE(54), page.readUInt16LE(56)];
  for (let at = headers; at < headers + size * count && at + 56 <= page.length; at += size) {
    if (page.readUInt32LE(at) !== segmentNote) continue;
    const start = Number(page.readBigUInt64LE(at + 8));
    const found = inNotes(page.subarray(start, start + Number(page.readBigUInt64LE(at + 32))));
    if (found !== '') return found;
  }
  return '';
}

/** Notes are sizes of name and content, a kind, the name, the content; both padded to words. */
function inNotes(notes: Buffer): string {
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameSize, size, kind] = [0, 4, 8].map(offset => notes.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const content = at + 12 + padded(nameSize);
    const name = notes.toString('latin1', at + 12, at + 12 + nameSize);
    if (kind === noteBuildId && name === 'GNU\0') return notes.toString('hex', content, content + size);
    at = content + padded(size);
  }
  return '';
}

function padded(size: number): number {
  return (size + 3) & ~3;
}
