import { isIP } from 'node:net';

/** Where the registry of a domain really is, and how far it may be trusted without TLS. */
export interface RegistryHost {
  /** As in references and in messages: `docker.io`. */
  readonly domain: string;
  /** `host[:port]` to connect to. */
  readonly address: string;
  /** Plain http and unknown certificates are fine: nobody sits between (docker: all of 127.0.0.0/8 and localhost). */
  readonly loopback: boolean;
}

export const hubDomain = 'docker.io';

export function registryHost(domain: string): RegistryHost {
  // Docker Hub's API has a host name of its own (moby: registry/config.go).
  const address = domain === hubDomain ? 'registry-1.docker.io' : domain;
  return { domain, address, loopback: isLoopback(address) };
}

/** True for `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopback(address: string): boolean {
  const host = address.startsWith('[')
    ? address.slice(1, address.indexOf(']'))
    : address.replace(/:\d+$/, '');
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
