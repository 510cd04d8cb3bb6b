import { isIP } from 'node:net';
import type { PublishedPort } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';

/** `-p [[host address:][host port]:]container port[/protocol]`, ranges in both places. Port 0 is "any free one". */
export function readPublish(text: string): PublishedPort[] {
  const slash = text.lastIndexOf('/');
  const protocol = slash < 0 ? 'tcp' : text.slice(slash + 1).toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw usageFailure(`Invalid proto: ${protocol}`, 'tcp and udp ports can be published.');
  const ports = slash < 0 ? text : text.slice(0, slash);
  const { hostIp, host, container } = splitPorts(ports);
  const containerRange = readRange(container, `Invalid containerPort: ${container}`);
  const hostRange = host === '' ? undefined : readRange(host, `Invalid hostPort: ${host}`);
  const count = containerRange.last - containerRange.first;
  const sameSize = hostRange === undefined || hostRange.last - hostRange.first === count;
  if (!sameSize && count !== 0)
    throw usageFailure(`Invalid ranges specified for container and host Ports: ${container} and ${host}`);
  return Array.from({ length: count + 1 }, (_, index) => ({
    hostIp,
    hostPort: hostRange === undefined ? 0 : hostRange.first + index,
    containerPort: containerRange.first + index,
    protocol,
  }));
}

function splitPorts(text: string): { hostIp: string; host: string; container: string } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(text);
  const rest = bracketed?.[2] ?? text;
  const parts = rest.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const address = bracketed?.[1] ?? parts.join(':');
  if (address !== '' && isIP(address) === 0) throw usageFailure(`Invalid ip address: ${address}`);
  if (container === '') throw usageFailure(`No port specified: ${text}<empty>`);
  return { hostIp: address === '' ? '0.0.0.0' : address, host, container };
}

function readRange(text: string, problem: string): { first: number; last: number } {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || last > 65535 || first > last) throw usageFailure(problem);
  return { first, last };
}

/** `--expose port[-port][/protocol]` to one `port/protocol` each. */
export function readExpose(text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  if (!match) throw usageFailure(`invalid range format for --expose: ${text}`);
  const { first, last } = readRange(
    `${match[1]}-${match[2] ?? match[1]}`,
    `invalid port format for --expose: ${text}`,
  );
  const protocol = (match[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}
