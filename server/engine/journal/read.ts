import { type FileHandle, open } from 'node:fs/promises';
import { SampanError } from '../../common/errors.ts';
import { FolderChanges } from '../container/folderChanges.ts';
import { parseTimeFilter } from '../container/logFormat.ts';
import { hasErrno } from '../store/failure.ts';
import { decodeEvent, type EngineEvent, type EventFilters, eventFilter } from './event.ts';
import { journalFiles } from './journal.ts';

export interface EventOptions {
  /** Opaque, of the page before; absent: from `since` on, with `until` from the beginning, or from now on. */
  readonly cursor?: string;
  /** As of `logs`: RFC 3339, date, unix seconds, or a duration back. */
  readonly since?: string;
  /** With a time that is to come the last page waits for it; absent: there is no end. */
  readonly until?: string;
  readonly filters?: EventFilters;
  readonly signal?: AbortSignal;
}

export interface EventPage {
  readonly events: readonly EngineEvent[];
  readonly cursor: string;
  /** No more will come. */
  readonly end: boolean;
}

/** A place in the journal: a file, which keeps its inode when it becomes the older one, and an offset in it. */
interface Place {
  readonly inode: string;
  readonly offset: number;
}

/**
 * The events after a place; waits for at least one, or for the end.
 *
 * @throws SampanError `invalid-argument` for a filter, time or cursor that is none, `cancelled`
 */
export async function readEvents(folder: string, options: EventOptions): Promise<EventPage> {
  const now = Date.now();
  const [cursorPlace, cursorUntil] = decodeCursor(options.cursor);
  const since = options.since === undefined ? undefined : parseTimeFilter(options.since, now);
  // A time relative to now is read once, not again at every page.
  const until =
    cursorUntil ?? (options.until === undefined ? undefined : parseTimeFilter(options.until, now));
  const passes = eventFilter(options.filters ?? {});
  const wanted = (event: EngineEvent) =>
    (options.cursor !== undefined || since === undefined || event.time >= since) &&
    (until === undefined || event.time <= until) &&
    passes(event);
  const changes = new FolderChanges(folder);
  try {
    let place = cursorPlace ?? (since === undefined && until === undefined ? await endOf(folder) : undefined);
    for (;;) {
      changes.arm();
      const isOver = isPast(until);
      const read = await readFrom(folder, place);
      place = read.place;
      const events = read.events.filter(wanted);
      const end = isOver && read.isAll;
      if (events.length > 0 || end) return { events, cursor: encodeCursor(place, until), end };
      if (read.isAll) await changes.next({ signal: options.signal, ...waitFor(until) });
    }
  } finally {
    changes.close();
  }
}

function isPast(until: bigint | undefined): boolean {
  return until !== undefined && BigInt(Date.now()) * 1_000_000n > until;
}

function waitFor(until: bigint | undefined): { timeout?: number } {
  if (until === undefined) return {};
  const milliseconds = Number(until / 1_000_000n) - Date.now() + 1;
  return { timeout: Math.min(Math.max(milliseconds, 1), 2 ** 30) };
}

interface Read {
  readonly events: readonly EngineEvent[];
  /** Undefined: there is no journal yet. */
  readonly place: Place | undefined;
  /** Nothing is left at the moment. */
  readonly isAll: boolean;
}

/** What a file holds from a place on, whole lines alone; then, of the older file, the beginning of the newer. */
async function readFrom(folder: string, place: Place | undefined): Promise<Read> {
  const { newer, older } = journalFiles(folder);
  const [first, second] = await Promise.all([opened(older), opened(newer)]);
  try {
    const files = [first, second].filter(file => file !== undefined);
    const known = files.findIndex(file => file.inode === place?.inode);
    // A file that is gone was followed by all that is left.
    const index = Math.max(known, 0);
    const file = files[index];
    if (!file) return { events: [], place, isAll: true };
    const { lines, end } = await linesFrom(file.handle, known < 0 ? 0 : (place?.offset ?? 0));
    const events = lines.map(decodeEvent).filter(event => event !== undefined);
    const next = files[index + 1];
    if (next) return { events, place: { inode: next.inode, offset: 0 }, isAll: false };
    return { events, place: { inode: file.inode, offset: end }, isAll: true };
  } finally {
    await Promise.all([first?.handle.close(), second?.handle.close()]);
  }
}

async function opened(
  path: string,
): Promise<{ readonly handle: FileHandle; readonly inode: string } | undefined> {
  try {
    const handle = await open(path, 'r');
    return { handle, inode: String((await handle.stat({ bigint: true })).ino) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function linesFrom(
  handle: FileHandle,
  offset: number,
): Promise<{ readonly lines: readonly string[]; readonly end: number }> {
  const { size } = await handle.stat();
  if (size <= offset) return { lines: [], end: offset };
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
  const whole = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
  const lines = buffer.toString('utf8', 0, whole).split('\n').slice(0, -1);
  return { lines, end: offset + whole };
}

/** Events from now on: after the last line that is there. */
async function endOf(folder: string): Promise<Place | undefined> {
  const { newer, older } = journalFiles(folder);
  const file = (await opened(newer)) ?? (await opened(older));
  if (!file) return undefined;
  try {
    const { end } = await linesFrom(file.handle, 0);
    return { inode: file.inode, offset: end };
  } finally {
    await file.handle.close();
  }
}

function encodeCursor(place: Place | undefined, until: bigint | undefined): string {
  return `${place?.inode ?? 0}:${place?.offset ?? 0}:${until ?? ''}`;
}

function decodeCursor(cursor: string | undefined): [place: Place | undefined, until: bigint | undefined] {
  if (cursor === undefined) return [undefined, undefined];
  const match = /^(\d+):(\d+):(\d*)$/.exec(cursor);
  if (!match) throw new SampanError('invalid-argument', `Malformed event cursor: ${cursor}.`);
  const [, inode = '', offset = '', until = ''] = match;
  return [
    inode === '0' ? undefined : { inode, offset: Number(offset) },
    until === '' ? undefined : BigInt(until),
  ];
}
