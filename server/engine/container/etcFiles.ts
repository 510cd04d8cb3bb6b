import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostEntry, hasOnlyLoopbackServers, hostsFile, resolvConf } from '../network/hosts.ts';
import type { ContainerNetwork } from '../runtime/types.ts';
import { readSmallFile } from '../store/smallFile.ts';
import { parseExtraHost } from './create.ts';
import { addressOf, type FoundLink } from './networking.ts';
import type { ContainerRecord } from './record.ts';

/**
 * /etc/hostname and /etc/resolv.conf, which do not wait for an address. A container that shares another's network
 * shares its files.
 */
export async function writeNameFiles(record: ContainerRecord, directory: string): Promise<void> {
  if (record.network.mode === 'container') return;
  await Promise.all([
    write(join(directory, 'hostname'), `${record.hostname}\n`),
    write(join(directory, 'resolv.conf'), await resolverConfig(record)),
  ]);
}

/** /etc/hosts. */
export async function writeHosts(input: {
  readonly record: ContainerRecord;
  readonly directory: string;
  readonly network: ContainerNetwork | undefined;
  readonly links: readonly FoundLink[];
}): Promise<void> {
  const { record, directory, network, links } = input;
  if (record.network.mode === 'container') return;
  const extra = (record.options.extraHosts ?? []).map(parseExtraHost).map(({ name, address }) => ({
    address: address === 'host-gateway' ? (network?.gateway ?? '127.0.0.1') : address,
    names: [name],
  }));
  const own: readonly HostEntry[] = network
    ? [{ address: addressOf(network), names: [record.hostname] }]
    : [];
  const linked = links.map(({ address, names }) => ({ address, names }));
  const hosts =
    record.network.mode === 'host'
      ? (await readText('/etc/hosts')) + extra.map(entry => `${entry.address}\t${entry.names[0]}\n`).join('')
      : hostsFile([...extra, ...linked, ...own]);
  await write(join(directory, 'hosts'), hosts);
}

async function write(path: string, content: string): Promise<void> {
  await writeFile(path, content);
  await chmod(path, 0o644); // whatever the umask is, every user of the container reads them
}

/** With systemd-resolved the true servers are in a file of its own. */
const resolvedConfig = '/run/systemd/resolve/resolv.conf';

async function resolverConfig(record: ContainerRecord): Promise<string> {
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
