import { createReadStream } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SampanError } from '../../../common/errors.ts';
import { blockSize, decodePax, decodeTarHeader, notTar, paddingOf, type TarHeader } from './tarHeader.ts';

/** The files of an image archive by name, whether it is a tar or a folder. */
export interface ArchiveFiles {
  /** Size in bytes; undefined when there is no such file. */
  size(name: string): Promise<number | undefined>;
  /** The content. Call only for names that have a size. */
  open(name: string): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const readChunk = 256 * 1024;
/** Longest name or extended header that makes sense; a longer one is an attack on memory. */
const headerMax = 1024 * 1024;
/** Links that point at links. */
const linkDepth = 8;

/** A small file in one piece; undefined when there is none. Throws `image-invalid` when it is longer than `max`. */
export async function readSmall(
  files: ArchiveFiles,
  { name, max }: { readonly name: string; readonly max: number },
): Promise<Buffer | undefined> {
  const size = await files.size(name);
  if (size === undefined) return undefined;
  if (size > max) {
    throw new SampanError(
      'image-invalid',
      `The archive's ${name} has ${size} bytes; at most ${max} make sense.`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.open(name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** An archive that was unpacked into a folder, such as an OCI layout. Names never lead out of it. */
export function openFolder(folder: string): ArchiveFiles {
  const pathOf = (name: string) => join(folder, cleanName(name));
  return {
    async size(name) {
      const found = await stat(pathOf(name)).catch(() => undefined);
      return found?.isFile() ? found.size : undefined;
    },
    open: name => createReadStream(pathOf(name), { highWaterMark: readChunk }),
    close: async () => {},
  };
}

interface Entry {
  readonly offset: number;
  readonly size: number;
  /** Clean name of what a link stands for. */
  readonly link: string | undefined;
}

/** A plain tar file, read in place: its headers once, its contents when asked for. Takes over `file`. */
export async function openTar(file: FileHandle): Promise<ArchiveFiles> {
  const entries = await indexTar(file);
  const find = (name: string): Entry | undefined => {
    let entry = entries.get(cleanName(name));
    for (let depth = 0; entry?.link !== undefined; depth += 1) {
      if (depth === linkDepth) return undefined;
      entry = entries.get(entry.link);
    }
    return entry;
  };
  return {
    size: async name => find(name)?.size,
    open: name => readRange(file, find(name) ?? { offset: 0, size: 0, link: undefined }),
    close: () => file.close(),
  };
}

/** Without `./`, and with every `..` resolved inside, so that it can only name what the archive holds. */
function cleanName(name: string): string {
  return posix.join('/', name).slice(1);
}

async function indexTar(file: FileHandle): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  const { size: fileSize } = await file.stat();
  let extended: { name?: string; linkTarget?: string; size?: number } = {};
  for (let at = 0; at + blockSize <= fileSize; ) {
    const header = decodeTarHeader(await readExactly(file, { offset: at, size: blockSize }));
    if (header === undefined) break;
    const offset = at + blockSize;
    if ('xLK'.includes(header.type)) {
      if (header.size > headerMax) throw notTar('an extended header is too long');
      const content = await readExactly(file, { offset, size: header.size });
      extended = { ...extended, ...readExtension(header, content) };
      at = offset + header.size + paddingOf(header.size);
      continue;
    }
    const { name, linkTarget, size } = { ...header, ...extended };
    extended = {};
    if (offset + size > fileSize) throw notTar('it is cut off');
    const link = linkOf({ name, type: header.type, linkTarget });
    if (link !== undefined || header.type === '0') entries.set(cleanName(name), { offset, size, link });
    at = offset + size + paddingOf(size);
  }
  if (entries.size === 0) throw notTar('it holds no files');
  return entries;
}

function readExtension(
  header: TarHeader,
  content: Buffer,
): { name?: string; linkTarget?: string; size?: number } {
  const text = content.toString('utf8').replace(/\0+$/, '');
  if (header.type === 'L') return { name: text };
  if (header.type === 'K') return { linkTarget: text };
  const records = decodePax(content);
  const size = records.get('size');
  const path = records.get('path');
  const linkTarget = records.get('linkpath');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw notTar('an extended header is damaged');
  return {
    ...(path === undefined ? {} : { name: path }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

function linkOf(entry: {
  readonly name: string;
  readonly type: string;
  readonly linkTarget: string;
}): string | undefined {
  if (entry.type === '1') return cleanName(entry.linkTarget);
  // podman's `<id>/layer.tar -> ../<diffID>.tar`.
  if (entry.type === '2') return cleanName(posix.join('/', posix.dirname(entry.name), entry.linkTarget));
  return undefined;
}

async function* readRange(
  file: FileHandle,
  { offset, size }: Pick<Entry, 'offset' | 'size'>,
): AsyncIterable<Uint8Array> {
  for (let at = 0; at < size; ) {
    const chunk = await readExactly(file, { offset: offset + at, size: Math.min(readChunk, size - at) });
    at += chunk.length;
    yield chunk;
  }
}

async function readExactly(
  file: FileHandle,
  { offset, size }: { readonly offset: number; readonly size: number },
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, at, size - at, offset + at);
    if (bytesRead === 0) throw notTar('it is cut off');
    at += bytesRead;
  }
  return buffer;
}
