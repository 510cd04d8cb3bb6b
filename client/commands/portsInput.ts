import type { PublishedPort } from '../../server/protocol/types.ts';

/** Ports as typed, or what is wrong with them. */
export type PortsInput =
  | { readonly ports: readonly PublishedPort[]; readonly problem?: undefined }
  | { readonly problem: string };

const pattern = /^(?:(?:(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/i;

/**
 * Reads ports in docker's words, separated by blanks or commas: `8080:80`, `80` (a free host port is taken),
 * `127.0.0.1:8080:80/udp`. Those without an address are published on `address`.
 */
export function parsePorts(text: string, address: string): PortsInput {
  const ports: PublishedPort[] = [];
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const match = pattern.exec(word);
    const hostPort = Number(match?.[2] ?? 0);
    const containerPort = Number(match?.[3] ?? 0);
    if (match === null || hostPort > 65_535 || containerPort < 1 || containerPort > 65_535)
      return { problem: `${word} is not a port: write 8080:80, 80 or 127.0.0.1:8080:80/udp.` };
    const protocol = match[4]?.toLowerCase() === 'udp' ? 'udp' : 'tcp';
    ports.push({ hostIp: match[1] ?? address, hostPort, containerPort, protocol });
  }
  return { ports };
}

/** The ports that an image exposes (`80/tcp`), each to be published on a free host port. */
export function exposedPorts(exposed: readonly string[], address: string): readonly PublishedPort[] {
  const input = parsePorts(exposed.join(' '), address);
  return input.problem === undefined ? input.ports : [];
}

/** Ports in the words that {@link parsePorts} reads, without the address. */
export function portsText(ports: readonly PublishedPort[]): string {
  return ports
    .map(({ hostPort, containerPort, protocol }) => {
      const host = hostPort === 0 ? '' : `${hostPort}:`;
      return `${host}${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
    })
    .join(' ');
}
