import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostEntry, hasOnlyLoopbackServers, hostsFile, resolvConf } from '../network/hosts.ts';
import type { ContainerNetwork } from '../runtime/types.ts';
import { parseExtraHost } from './create.ts';
import { addressOf, type FoundLink } from './networking.ts';
import type { ContainerRecord } from './record.ts';

/** /etc/hosts, /etc/hostname and /etc/resolv.conf. A container that shares another's network shares its files. */
export async function writeEtcFiles(input: {
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
  const write = async (name: string, content: string) => {
    await writeFile(join(directory, name), content);
    await chmod(join(directory, name), 0o644); // whatever the umask is, every user of the container reads them
  };
  await Promise.all([
    write('hosts', hosts),
    write('hostname', `${record.hostname}\n`),
    write('resolv.conf', await resolverConfig(record)),
  ]);
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
  return readFile(path, 'utf8').catch(() => '');
}
