import { type FileHandle, open, readdir } from 'node:fs/promises';
import { FolderChanges } from './folderChanges.ts';
import {
  formatCursor,
  type LogCursor,
  type LogRecord,
  parseCursor,
  parseLogLine,
  parseTimeFilter,
  timestampToNanoseconds,
} from './logFormat.ts';
import type { LogOptions, LogPage } from './types.ts';

const chunkSize = 64 * 1024;
const newline = 0x0a;

interface LogFile {
  readonly handle: FileHandle;
  readonly inode: string;
  readonly size: number;
}

/**
 * Read docker's json-file log of a container: `log` and, oldest last, `log.1`, `log.2`, … in `directory`.
 * A cursor survives rotation; when its file is gone the oldest that is left follows. With `follow` the call
 * waits for one record, the end of the container (`isOver`), or `signal`.
 *
 * @throws SampanError `invalid-argument` for a malformed cursor, `since` or `until`; `cancelled`
 */
export async function readLog(
  directory: string,
  options: LogOptions,
  isOver: () => Promise<boolean>,
): Promise<LogPage> {
  const now = Date.now();
  const filter = {
    since: options.since === undefined ? undefined : parseTimeFilter(options.since, now),
    until: options.until === undefined ? undefined : parseTimeFilter(options.until, now),
  };
  let cursor = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  if (!options.follow) return readPage(directory, { options, cursor, filter, over: true });
  const changes = new FolderChanges(directory);
  try {
    for (;;) {
      changes.arm();
      const over = await isOver(); // before reading: what was written before the end is then on disk
      const page = await readPage(directory, { options, cursor, filter, over });
      if (page.records.length > 0 || page.end) return page;
      cursor = page.cursor === '' ? undefined : parseCursor(page.cursor);
      await changes.next({ signal: options.signal });
    }
  } finally {
    changes.close();
  }
}

interface PageRequest {
  readonly options: LogOptions;
  readonly cursor: LogCursor | undefined;
  readonly filter: { readonly since: bigint | undefined; readonly until: bigint | undefined };
  readonly over: boolean;
}

async function readPage(directory: string, request: PageRequest): Promise<LogPage> {
  const files = await openLogs(directory);
  try {
    const { options, filter } = request;
    let place = request.cursor
      ? resume(files, request.cursor)
      : options.tail === undefined || options.tail < 0
        ? { index: 0, offset: 0 }
        : await seekTail(files, options.tail);
    const records: LogRecord[] = [];
    let bytes = 0;
    for (; place.index < files.length; place = { index: place.index + 1, offset: 0 }) {
      const file = files[place.index] as LogFile;
      let offset = place.offset;
      for await (const line of linesFrom(file, offset)) {
        offset = line.end;
        const verdict = line.record ? judge(line.record, filter) : 'skip';
        if (verdict === 'stop')
          return { records, cursor: formatCursor({ inode: file.inode, offset }), end: true };
        if (verdict === 'skip' || !line.record) continue;
        records.push(line.record);
        bytes += line.size;
        if (bytes >= options.maxBytes)
          return { records, cursor: formatCursor({ inode: file.inode, offset }), end: false };
      }
      if (place.index === files.length - 1)
        return { records, cursor: formatCursor({ inode: file.inode, offset }), end: request.over };
    }
    return { records, cursor: '', end: request.over };
  } finally {
    await Promise.all(files.map(file => file.handle.close()));
  }
}

function judge(record: LogRecord, filter: PageRequest['filter']): 'take' | 'skip' | 'stop' {
  if (filter.since === undefined && filter.until === undefined) return 'take';
  const time = timestampToNanoseconds(record.time) ?? 0n;
  if (filter.since !== undefined && time < filter.since) return 'skip';
  if (filter.until !== undefined && time > filter.until) return 'stop';
  return 'take';
}

/** Oldest first. Handles are opened before anything is read, so that a rotation in between loses nothing. */
async function openLogs(directory: string): Promise<readonly LogFile[]> {
  const names = (await readdir(directory)).filter(name => /^log(?:\.\d+)?$/.test(name));
  const ages = names.map(name => Number(name.slice(4))).sort((a, b) => b - a);
  const files: LogFile[] = [];
  for (const age of ages) {
    const handle = await open(`${directory}/log${age === 0 ? '' : `.${age}`}`, 'r').catch(() => undefined);
    if (!handle) continue;
    const { ino, size } = await handle.stat({ bigint: true });
    const inode = String(ino);
    if (files.some(file => file.inode === inode))
      await handle.close(); // renamed while we opened
    else files.push({ handle, inode, size: Number(size) });
  }
  return files;
}

interface Place {
  readonly index: number;
  readonly offset: number;
}

function resume(files: readonly LogFile[], cursor: LogCursor): Place {
  const index = files.findIndex(file => file.inode === cursor.inode && cursor.offset <= file.size);
  return index < 0 ? { index: 0, offset: 0 } : { index, offset: cursor.offset };
}

/** The place from which `count` lines follow, found by reading backward. */
async function seekTail(files: readonly LogFile[], count: number): Promise<Place> {
  let left = count;
  for (let index = files.length - 1; index >= 0; index--) {
    const found = await seekLinesFromEnd(files[index] as LogFile, left);
    if ('offset' in found) return { index, offset: found.offset };
    left -= found.lines;
  }
  return { index: 0, offset: 0 };
}

/** Offset from which `count` whole lines follow, or how many lines the file has when they are fewer. */
async function seekLinesFromEnd(
  file: LogFile,
  count: number,
): Promise<{ offset: number } | { lines: number }> {
  let lines = 0;
  for (let end = file.size; end > 0; end = Math.max(0, end - chunkSize)) {
    const start = Math.max(0, end - chunkSize);
    const { buffer, bytesRead } = await file.handle.read(
      Buffer.allocUnsafe(end - start),
      0,
      end - start,
      start,
    );
    for (let at = bytesRead - 1; at >= 0; at--) {
      if (buffer[at] !== newline) continue;
      if (lines === count) return { offset: start + at + 1 };
      lines++;
    }
  }
  return lines === count ? { offset: 0 } : { lines };
}

interface Line {
  readonly record: LogRecord | undefined;
  /** Bytes of the line. */
  readonly size: number;
  /** Offset after it. */
  readonly end: number;
}

/** Whole lines only: an unfinished last one is left for the next reading. */
async function* linesFrom(file: LogFile, from: number): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let position = from;
  let end = from;
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkSize);
    const { bytesRead } = await file.handle.read(chunk, 0, chunkSize, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const data =
      rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, bytesRead)]) : chunk.subarray(0, bytesRead);
    let start = 0;
    for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, start)) {
      const size = at + 1 - start;
      end += size;
      yield { record: parseLogLine(data.toString('utf8', start, at)), size, end };
      start = at + 1;
    }
    rest = data.subarray(start);
  }
}
