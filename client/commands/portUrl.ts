import type { PublishedPort } from '../../server/protocol/types.ts';

const tlsPorts = new Set([443, 8443]);

/** Where a browser on this machine finds a published port. */
export function portUrl(port: PublishedPort): string {
  const scheme = tlsPorts.has(port.containerPort) ? 'https' : 'http';
  return `${scheme}://${host(port.hostIp)}:${port.hostPort}/`;
}

/** A port published on every address is reached by the loopback one. */
function host(ip: string): string {
  if (ip === '' || ip === '0.0.0.0' || ip === '::' || ip === '[::]' || ip === '127.0.0.1') return 'localhost';
  return ip.includes(':') && !ip.startsWith('[') ? `[${ip}]` : ip;
}
