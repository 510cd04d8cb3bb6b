import { SampanError } from '../../common/errors.ts';
import type { LogPage } from './types.ts';

export type LogRecord = LogPage['records'][number];

/** Place in a container's log: a file, by inode because rotation renames it, and a byte in it. */
export interface LogCursor {
  readonly inode: string;
  readonly offset: number;
}

export function formatCursor(cursor: LogCursor): string {
  return `${cursor.inode}:${cursor.offset}`;
}

/** @throws SampanError `invalid-argument` */
export function parseCursor(text: string): LogCursor {
  const match = /^(\d+):(\d+)$/.exec(text);
  if (match) return { inode: match[1] as string, offset: Number(match[2]) };
  throw new SampanError('invalid-argument', `The log cursor '${text}' is malformed.`, {
    hint: 'Pass the cursor of an earlier page as it was, or none to begin anew.',
  });
}

/** One line of docker's json-file format; undefined for one that is damaged, as after a crash in mid-write. */
export function parseLogLine(line: string): LogRecord | undefined {
  try {
    const value = JSON.parse(line) as { log?: unknown; stream?: unknown; time?: unknown };
    if (typeof value.log !== 'string' || typeof value.time !== 'string') return undefined;
    return { time: value.time, stream: value.stream === 'stderr' ? 'stderr' : 'stdout', text: value.log };
  } catch {
    return undefined;
  }
}

const durationUnits: { readonly [unit: string]: number } = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/**
 * The time of `--since` and `--until` in nanoseconds since 1970: RFC 3339, a date with or without time (local),
 * unix seconds with decimals, or a Go duration back from `now` (milliseconds).
 *
 * @throws SampanError `invalid-argument`
 */
export function parseTimeFilter(text: string, now: number): bigint {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return secondsToNanoseconds(text);
  const back = parseDuration(text);
  if (back !== undefined) return BigInt(Math.round((now - back) * 1000)) * 1000n;
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const time = timestampToNanoseconds(/T/.test(text) ? text : `${text}T00:00:00`);
    if (time !== undefined) return time;
  }
  throw new SampanError('invalid-argument', `Failed to parse value as time or duration: "${text}".`, {
    hint: 'Examples: 2026-01-31T12:00:00Z, 2026-01-31, 1769860800, 10m.',
  });
}

function secondsToNanoseconds(text: string): bigint {
  const [seconds, fraction] = text.split('.');
  return BigInt(seconds as string) * 1_000_000_000n + BigInt((fraction ?? '').padEnd(9, '0'));
}

/** Milliseconds of a Go duration like `1h2m3.5s`. */
function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g))
    sum += Number(number) * (durationUnits[unit as string] as number);
  return sum;
}

/** RFC 3339 with up to nine decimals to nanoseconds; a time without zone is local. */
export function timestampToNanoseconds(text: string): bigint | undefined {
  const match = /^(.*?)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  const milliseconds = Date.parse(`${match?.[1]}${match?.[3] ?? ''}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(9, '0'));
}
