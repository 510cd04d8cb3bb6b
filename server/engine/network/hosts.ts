/** A line of /etc/hosts. */
export interface HostEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** /etc/hosts as docker writes it: the fixed head, extra hosts, links, and the container's own name last. */
export function hostsFile(entries: readonly HostEntry[]): string {
  const fixed: readonly HostEntry[] = [
    { address: '127.0.0.1', names: ['localhost'] },
    { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
    { address: 'fe00::', names: ['ip6-localnet'] },
    { address: 'ff00::', names: ['ip6-mcastprefix'] },
    { address: 'ff02::1', names: ['ip6-allnodes'] },
    { address: 'ff02::2', names: ['ip6-allrouters'] },
  ];
  return hostLines([...fixed, ...entries]);
}

/** Lines of /etc/hosts. */
export function hostLines(entries: readonly HostEntry[]): string {
  return entries.map(entry => `${entry.address}\t${entry.names.join(' ')}\n`).join('');
}

/** What `create` was asked for; each list that is not empty replaces the host's. A search domain `.` means none. */
export interface ResolverOptions {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/**
 * /etc/resolv.conf of a container with a network of its own: the host's without servers on a loopback address,
 * which it could not reach, and with what was asked for instead.
 *
 * @param host text of the host's file
 */
export function resolvConf(host: string, { servers, search, options }: ResolverOptions): string {
  const lines = host.split('\n').filter(line => line.trim() !== '' && !/^\s*[#;]/.test(line));
  const replaced = [/^\s*nameserver\s/];
  if (search.length > 0) replaced.push(/^\s*(search|domain)\s/);
  if (options.length > 0) replaced.push(/^\s*options\s/);
  const domains = search.filter(domain => domain !== '.');
  return [
    ...(servers.length > 0 ? servers.map(address => `nameserver ${address}`) : nameservers(lines)),
    ...(domains.length > 0 ? [`search ${domains.join(' ')}`] : []),
    ...lines.filter(line => !replaced.some(pattern => pattern.test(line))),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
    .map(line => `${line}\n`)
    .join('');
}

function nameservers(lines: readonly string[]): readonly string[] {
  return lines.filter(line => {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1];
    return address !== undefined && !isLoopback(address);
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** True when every name server of a resolv.conf is on a loopback address, as with systemd-resolved's stub. */
export function hasOnlyLoopbackServers(text: string): boolean {
  const addresses = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(match => match[1] as string);
  return addresses.length > 0 && addresses.every(isLoopback);
}
