import type { CopyEntry, EntryInfo, EntryType } from './types.ts';

/** Number of each type as in `st_mode >> 12` (inode(7)). */
export const typeNumbers: { readonly [type in EntryType]: number } = {
  fifo: 1,
  char: 2,
  directory: 4,
  block: 6,
  file: 8,
  symlink: 10,
  socket: 12,
};

const typeByNumber = new Map(
  Object.entries(typeNumbers).map(([type, number]) => [number, type as EntryType]),
);

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** One entry from the fields that native/init/fs_entry.c writes. */
export function decodeEntry(fields: Buffer): EntryInfo {
  const entry: Changeable<EntryInfo> = {
    path: '',
    type: 'file',
    mode: 0,
    uid: 0,
    gid: 0,
    size: 0,
    mtimeNs: 0n,
  };
  for (let at = 0; at < fields.length; ) {
    const keySize = fields[at] as number;
    const start = at + 5 + keySize;
    const end = start + fields.readUInt32LE(at + 1 + keySize);
    set(entry, fields.toString('latin1', at + 1, at + 1 + keySize), fields.subarray(start, end));
    at = end;
  }
  return entry;
}

function set(entry: Changeable<EntryInfo>, key: string, value: Buffer): void {
  switch (key) {
    case 'path':
      entry.path = value.toString();
      // Only a replaced byte makes the text differ from its source.
      if (entry.path.includes('\ufffd') && !Buffer.from(entry.path).equals(value))
        entry.rawPath = Uint8Array.from(value);
      return;
    case 'type':
      entry.type = typeByNumber.get(Number(value.toString('latin1'))) ?? 'file';
      return;
    case 'mtime':
      entry.mtimeNs = BigInt(value.toString('latin1'));
      return;
    case 'link':
      entry.linkTarget = value.toString();
      return;
    case 'inode':
      entry.inode = value.toString('latin1');
      return;
    case 'sha256':
      entry.sha256 = value.toString('latin1');
      return;
    case 'xattr': {
      const nul = value.indexOf(0);
      const name = value.toString('utf8', 0, nul);
      entry.xattrs = { ...entry.xattrs, [name]: value.toString('hex', nul + 1) };
      return;
    }
    case 'major':
      entry.deviceMajor = Number(value.toString('latin1'));
      return;
    case 'minor':
      entry.deviceMinor = Number(value.toString('latin1'));
      return;
    default:
      if (key === 'mode' || key === 'uid' || key === 'gid' || key === 'size')
        entry[key] = Number(value.toString('latin1'));
  }
}

/** Cuts a stream of `u32le size | bytes` records, whatever pieces it comes in. */
export class RecordSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The records that are complete with this piece. They keep the piece's memory alive. */
  push(piece: Buffer): Buffer[] {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const records: Buffer[] = [];
    let at = 0;
    while (at + 4 <= all.length) {
      const end = at + 4 + all.readUInt32LE(at);
      if (end > all.length) break;
      records.push(all.subarray(at + 4, end));
      at = end;
    }
    this.#rest = all.subarray(at);
    return records;
  }
}

/** Pieces of about this many bytes are sent at a time. */
const pieceSize = 64 * 1024;

/** The stream of records that native/init/fs_copy_entry.c reads. */
export async function* encodeCopyEntries(entries: readonly CopyEntry[]): AsyncGenerator<Uint8Array> {
  const writer = new RecordWriter();
  for (const entry of entries) {
    writeCopyEntry(writer, entry);
    if (writer.size >= pieceSize) yield writer.take();
  }
  if (writer.size > 0) yield writer.take();
}

function writeCopyEntry(writer: RecordWriter, entry: CopyEntry): void {
  writer.start();
  writer.field('type', String(typeNumbers[entry.type]));
  writer.field('target', entry.rawTarget ?? entry.target);
  writer.field('uid', String(entry.uid));
  writer.field('gid', String(entry.gid));
  writer.field('mode', String(entry.mode));
  const source = entry.rawSource ?? entry.source;
  if (source !== undefined) writer.field('source', source);
  if (entry.content !== undefined) writer.field('content', entry.content);
  if (entry.mtimeNs !== undefined) writer.field('mtime', String(entry.mtimeNs));
  if (entry.linkTarget !== undefined) writer.field('link', entry.linkTarget);
  if (entry.deviceMajor !== undefined) writer.field('major', String(entry.deviceMajor));
  if (entry.deviceMinor !== undefined) writer.field('minor', String(entry.deviceMinor));
  if (entry.linkGroup !== undefined) writer.field('group', String(entry.linkGroup));
  if (entry.existing === 'update') writer.field('update', '1');
  for (const [name, hex] of Object.entries(entry.xattrs ?? {}))
    writer.field('xattr', Buffer.concat([Buffer.from(`${name}\0`), Buffer.from(hex, 'hex')]));
  writer.finish();
}

/** Records of fields one after another in one growing buffer: no allocation per field. */
class RecordWriter {
  #buffer = Buffer.allocUnsafe(2 * pieceSize);
  #recordAt = 0;
  size = 0;

  start(): void {
    this.#reserve(4);
    this.#recordAt = this.size;
    this.size += 4;
  }

  field(key: string, value: string | Uint8Array): void {
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(5 + key.length + size);
    this.#buffer[this.size] = key.length;
    this.#buffer.write(key, this.size + 1, 'latin1');
    this.#buffer.writeUInt32LE(size, this.size + 1 + key.length);
    const at = this.size + 5 + key.length;
    if (typeof value === 'string') this.#buffer.write(value, at);
    else this.#buffer.set(value, at);
    this.size = at + size;
  }

  finish(): void {
    this.#buffer.writeUInt32LE(this.size - this.#recordAt - 4, this.#recordAt);
  }

  /** All that was written; the writer starts anew. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.size);
    this.#buffer = Buffer.allocUnsafe(2 * pieceSize);
    this.size = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.size + more <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.size + more));
    this.#buffer.copy(grown, 0, 0, this.size);
    this.#buffer = grown;
  }
}
