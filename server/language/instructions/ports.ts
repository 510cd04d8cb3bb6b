import type { Word } from '../syntax/tree.ts';

/** What one word of EXPOSE says. */
export interface PortWord {
  readonly word: Word;
  /** `80/tcp`; a range gives each of its ports. Empty with an error. */
  readonly ports: readonly string[];
  readonly protocol: string;
  /** It has an address or a port of the host, which do not belong here. */
  readonly hasHostPart: boolean;
  /** Port and protocol can be told apart, whatever else is wrong. */
  readonly isReadable: boolean;
  readonly error: string | undefined;
}

/** Reads a word of EXPOSE, its variables replaced: `80`, `80/udp`, `8000-8010/tcp`. */
export function parsePort(word: Word): PortWord {
  const raw = word.text;
  const { address, hostPort, containerPart } = splitHost(raw);
  const slash = containerPart.indexOf('/');
  const range = slash < 0 ? containerPart : containerPart.slice(0, slash);
  const protocol = (slash < 0 ? '' : containerPart.slice(slash + 1)) || 'tcp';
  const hasHostPart = address !== '' || hostPort !== '';
  const unreadable = protocolError(raw, range, protocol);
  const base = { word, protocol, hasHostPart, isReadable: unreadable === undefined };
  const bounds = parseRange(range);
  const error = unreadable ?? addressError(address) ?? rangeError(bounds, { range, hostPort });
  if (error !== undefined || !bounds) return { ...base, ports: [], error };
  const ports: string[] = [];
  for (let port = bounds[0]; port <= bounds[1]; port++) ports.push(`${port}/${protocol.toLowerCase()}`);
  return { ...base, ports, error };
}

function splitHost(raw: string): { address: string; hostPort: string; containerPart: string } {
  const parts = raw.split(':');
  const containerPart = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  return { address: parts.join(':'), hostPort, containerPart };
}

function protocolError(raw: string, range: string, protocol: string): string | undefined {
  if (range === '') return `invalid port: ${JSON.stringify(raw)}: no port specified`;
  if (/^(?:tcp|udp|sctp)$/i.test(protocol)) return undefined;
  return `invalid port: ${JSON.stringify(raw)}: invalid proto: ${protocol}`;
}

function addressError(address: string): string | undefined {
  if (address === '' || isAddress(address)) return undefined;
  return `invalid IP address: ${address}`;
}

function rangeError(
  bounds: readonly [number, number] | undefined,
  { range, hostPort }: { range: string; hostPort: string },
): string | undefined {
  if (!bounds) return `invalid containerPort: ${range}`;
  if (hostPort === '') return undefined;
  const host = parseRange(hostPort);
  if (!host) return `invalid hostPort: ${hostPort}`;
  const isRange = bounds[1] !== bounds[0];
  if (!isRange || bounds[1] - bounds[0] === host[1] - host[0]) return undefined;
  return `invalid ranges specified for container and host Ports: ${range} and ${hostPort}`;
}

function parseRange(text: string): readonly [number, number] | undefined {
  const dash = text.indexOf('-');
  const first = parsePortNumber(dash < 0 ? text : text.slice(0, dash));
  const last = dash < 0 ? first : parsePortNumber(text.slice(dash + 1));
  return first !== undefined && last !== undefined && last >= first ? [first, last] : undefined;
}

function parsePortNumber(text: string): number | undefined {
  const port = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65535 ? port : undefined;
}

function isAddress(text: string): boolean {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return isIpv4(bare) || isIpv6(bare);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const mapped = last?.includes('.') ?? false;
  if (mapped && !isIpv4(last ?? '')) return false;
  const hex = mapped ? groups.slice(0, -1) : groups;
  const count = hex.length + (mapped ? 2 : 0);
  return (
    hex.every(group => /^[0-9a-f]{1,4}$/i.test(group)) && (halves.length === 2 ? count < 8 : count === 8)
  );
}
