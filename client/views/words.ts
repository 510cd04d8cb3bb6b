import type { PublishedPort } from '../../server/protocol/types.ts';

/** The 12 hex digits that docker shows of an id or digest. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** A volume's name; an anonymous one's, 64 hex digits, cut as an id. */
export function volumeLabel(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? shortId(name) : name;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units with three significant digits, as docker prints them: `4.26MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}

const spans: readonly [name: string, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** How long ago `time` (RFC 3339) was at `now`: `3 minutes ago`. */
export function agoText(time: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(time)) / 1000);
  if (!(seconds >= 1)) return 'just now';
  const [name, length] = spans.find(([, length]) => seconds >= length) ?? ['second', 1];
  const count = Math.floor(seconds / length);
  return `${count} ${name}${count === 1 ? '' : 's'} ago`;
}

/** `8080 → 80`, with the protocol when it is not tcp and `?` while no host port is taken. */
export function portText(port: PublishedPort): string {
  const host = port.hostPort === 0 ? '?' : String(port.hostPort);
  return `${host} → ${port.containerPort}${port.protocol === 'tcp' ? '' : `/${port.protocol}`}`;
}

/** `1 container`, `2 containers`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A quoted word as a POSIX shell reads it back; plain words stay plain. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
