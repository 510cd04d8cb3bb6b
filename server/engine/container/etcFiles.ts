import { join } from 'node:path';
import { type HostEntry, hasOnlyLoopbackServers, hostsFile, resolvConf } from '../network/hosts.ts';
import { withMembers } from '../network/members.ts';
import { readSmallFile } from '../store/smallFile.ts';
import { parseExtraHost } from './create.ts';
import type { FoundLink } from './networking.ts';
import type { ContainerRecord } from './record.ts';

/** A file that the helper writes before it mounts it. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

/** Where a container is on its network. */
export interface NetworkPosition {
  readonly address: string;
  readonly gateway: string;
}

/**
 * /etc/hostname, /etc/resolv.conf and /etc/hosts as they lie in the container's folder. A container that shares
 * another's network shares its files.
 */
export async function etcFileContents(input: {
  readonly record: ContainerRecord;
  readonly directory: string;
  readonly network: NetworkPosition | undefined;
  readonly links: readonly FoundLink[];
  /** Of a network that a user made. */
  readonly members: readonly HostEntry[] | undefined;
  /** Of {@link resolverContent}. */
  readonly resolver: string;
}): Promise<readonly WrittenFile[]> {
  const { record, directory, resolver } = input;
  if (record.network.mode === 'container') return [];
  const base = await hostsContent(input);
  const hosts = input.members ? withMembers(base, input.members) : base;
  return [
    { path: join(directory, 'hostname'), content: `${record.hostname}\n` },
    { path: join(directory, 'resolv.conf'), content: resolver },
    { path: join(directory, 'hosts'), content: hosts },
  ];
}

async function hostsContent(input: {
  readonly record: ContainerRecord;
  readonly network: NetworkPosition | undefined;
  readonly links: readonly FoundLink[];
}): Promise<string> {
  const { record, network, links } = input;
  const extra = (record.options.extraHosts ?? []).map(parseExtraHost).map(({ name, address }) => ({
    address: address === 'host-gateway' ? (network?.gateway ?? '127.0.0.1') : address,
    names: [name],
  }));
  if (record.network.mode === 'host')
    return (
      (await readText('/etc/hosts')) + extra.map(entry => `${entry.address}\t${entry.names[0]}\n`).join('')
    );
  const own: readonly HostEntry[] = network ? [{ address: network.address, names: [record.hostname] }] : [];
  const linked = links.map(({ address, names }) => ({ address, names }));
  return hostsFile([...extra, ...linked, ...own]);
}

/** With systemd-resolved the true servers are in a file of its own. */
const resolvedConfig = '/run/systemd/resolve/resolv.conf';

/** /etc/resolv.conf, which does not wait for an address. */
export async function resolverContent(record: ContainerRecord): Promise<string> {
  const { dns: servers = [], dnsSearch: search = [], dnsOptions: options = [] } = record.options;
  const host = await readText('/etc/resolv.conf');
  const isUnchanged = servers.length + search.length + options.length === 0;
  if (record.network.mode === 'host' && isUnchanged) return host;
  const upstream = hasOnlyLoopbackServers(host) ? await readText(resolvedConfig) : host;
  return resolvConf(upstream || host, { servers, search, options });
}

async function readText(path: string): Promise<string> {
  return readSmallFile(path).catch(() => '');
}
