import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { isObjectName } from '../../common/names.ts';
import type { Native, ReadOutcome } from '../native.ts';
import type { ContainerNetwork } from '../runtime/types.ts';
import { damageTo, type Survey, survey } from '../store/damage.ts';
import { createRecord, readRecord, recordFrom, removeRecord, writeRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { openLeases } from './leases.ts';
import {
  chooseSubnet,
  defaultPools,
  formatAddress,
  formatMac,
  formatSubnet,
  gatewayOf,
  overlaps,
  parseRoutes,
  parseSubnet,
  type Subnet,
} from './pool.ts';
import { type NetworkRecord, networkRecord } from './record.ts';

/** The default network, as docker names it. */
export const defaultNetwork = 'bridge';

const routesFile = '/proc/net/route';

/** Bridge networks and the addresses on them. */
export interface Networks {
  survey(): Promise<Survey<NetworkRecord>>;
  /** The default network is made at first need. */
  find(name: string): Promise<NetworkRecord | undefined>;
  /** Make a bridge network; the range is chosen unless it is given. Throws `conflict` for a name or range that is taken, `invalid-argument`. */
  create(options: { readonly name: string; readonly subnet?: string }): Promise<NetworkRecord>;
  /** By name, id or the unique beginning of an id. Throws `not-found`. */
  resolve(nameOrId: string): Promise<NetworkRecord>;
  /** Forget a network and its addresses. The caller has looked that nobody is on it, and removes the bridge. */
  remove(name: string): Promise<void>;
  /** What a container needs to be on it, but for the address. Monitors bring the bridge up. Throws `not-found`. */
  locate(name: string): Promise<LocatedNetwork>;
  /** The container's address, with the length of the prefix. */
  lease(network: LocatedNetwork, container: string): Promise<string>;
  release(name: string, container: string): Promise<void>;
  /** Give back a container's addresses on whichever networks it was. */
  releaseAll(container: string): Promise<void>;
  /** Give back the addresses of containers that are gone, and of build steps whose server is. */
  recover(exists: (container: string) => Promise<boolean>): Promise<void>;
}

export interface LocatedNetwork extends ContainerNetwork {
  readonly name: string;
  readonly subnet: string;
}

export interface NetworksOptions {
  readonly store: Store;
  readonly run: string;
  readonly native: Pick<Native, 'readFiles' | 'writeFiles'>;
}

export function openNetworks({ store, run, native }: NetworksOptions): Networks {
  const { paths } = store;
  const recordPath = (name: string) => join(paths.network(name), 'record.json');
  const leasesOf = (name: string) => openLeases(join(run, 'networks', name), native);
  const rootHash = createHash('sha256').update(paths.root).digest();

  async function find(name: string): Promise<NetworkRecord | undefined> {
    const [outcome] = await native.readFiles([recordPath(name)]);
    return judge(name, outcome);
  }

  function judge(name: string, outcome: ReadOutcome): NetworkRecord | undefined | Promise<NetworkRecord> {
    const path = recordPath(name);
    try {
      const record = recordFrom({ path, outcome }, networkRecord);
      return record ?? (name === defaultNetwork ? createDefault() : undefined);
    } catch (error) {
      throw damageTo({ kind: 'network', id: name, label: name, hint: repairHint(path) }, error);
    }
  }

  async function createDefault(): Promise<NetworkRecord> {
    const record: NetworkRecord = {
      version: 1,
      name: defaultNetwork,
      id: randomBytes(32).toString('hex'),
      bridge: `sampan${rootHash.toString('hex', 0, 4)}`,
      createdAt: new Date().toISOString(),
      ...range(chooseSubnet(parseRoutes(await routeTable()), start())),
    };
    await mkdir(paths.network(defaultNetwork), { recursive: true, mode: 0o700 });
    await createRecord(paths, recordPath(defaultNetwork), record);
    return (await readRecord(recordPath(defaultNetwork), networkRecord)) ?? record;
  }

  /** Ranges of the store's networks, whether their bridges are up or not. */
  async function ownRanges(): Promise<readonly Subnet[]> {
    const names = await readdir(paths.networks);
    const { found } = await survey(names.map(find));
    return found.flatMap(({ subnet }) => parseSubnet(subnet) ?? []);
  }

  async function create({
    name,
    subnet,
  }: {
    readonly name: string;
    readonly subnet?: string;
  }): Promise<NetworkRecord> {
    checkName(name);
    return store.lock('exclusive', async () => {
      const taken = [...parseRoutes(await routeTable()), ...(await ownRanges())];
      const chosen = subnet === undefined ? chooseSubnet(taken, start()) : requireSubnet(subnet, taken);
      const id = randomBytes(32).toString('hex');
      const record: NetworkRecord = {
        version: 1,
        name,
        id,
        bridge: `sampan${id.slice(0, 8)}`,
        createdAt: new Date().toISOString(),
        ...range(chosen),
      };
      await mkdir(paths.network(name), { recursive: true, mode: 0o700 });
      if (await createRecord(paths, recordPath(name), record)) return record;
      throw new SampanError('conflict', `network with name ${name} already exists`, {
        hint: 'Choose another name, or remove it: sampan network rm.',
      });
    });
  }

  /** Stores on one machine begin apart, so that two that are new at once do not choose the same. */
  function start(): number {
    return rootHash.readUInt16LE(4) % defaultPools.length;
  }

  /** A range that was free once may be a VPN's today: as long as nobody holds an address another one is chosen. */
  async function current(record: NetworkRecord, routes: string): Promise<NetworkRecord> {
    const subnet = parseSubnet(record.subnet) as Subnet;
    if (!parseRoutes(routes, record.bridge).some(route => overlaps(route, subnet))) return record;
    if (await leasesOf(record.name).inUse()) return record;
    return store.lock('exclusive', async () => {
      const others = parseRoutes(await routeTable(), record.bridge);
      const moved = { ...record, ...range(chooseSubnet(others, start())) };
      await writeRecord(paths, recordPath(record.name), moved);
      return moved;
    });
  }

  /** The host's IPv4 routes, as {@link parseRoutes} reads them. */
  async function routeTable(): Promise<string> {
    const [table] = await native.readFiles([routesFile]);
    return tableFrom(table);
  }

  async function leaseFolders(): Promise<readonly string[]> {
    return readdir(join(run, 'networks')).catch(() => []);
  }

  return {
    find,
    create,
    async resolve(nameOrId) {
      const named = isObjectName(nameOrId) ? await find(nameOrId) : undefined;
      if (named) return named;
      const { found } = await survey((await readdir(paths.networks)).map(find));
      const matches = found.filter(({ id }) => id.startsWith(nameOrId));
      if (matches.length === 1 && nameOrId !== '') return matches[0] as NetworkRecord;
      throw noSuchNetwork(nameOrId);
    },
    async remove(name) {
      await removeRecord(recordPath(name));
      await rm(paths.network(name), { recursive: true, force: true });
      await rm(join(run, 'networks', name), { recursive: true, force: true });
    },
    async survey() {
      const names = new Set([defaultNetwork, ...(await readdir(paths.networks)).sort()]);
      return survey([...names].map(find));
    },
    async locate(name) {
      const [record, table] = await native.readFiles([recordPath(name), routesFile]);
      const found = await judge(name, record);
      if (!found) throw noSuchNetwork(name);
      const { bridge, subnet, gateway } = await current(found, tableFrom(table));
      return { name, bridge, subnet, gateway, mac: formatMac(randomBytes(6)) };
    },
    async lease({ name, subnet: text }, container) {
      const subnet = parseSubnet(text) as Subnet;
      return `${await leasesOf(name).take(container, subnet)}/${subnet.prefix}`;
    },
    release: (name, container) => leasesOf(name).release(container),
    async releaseAll(container) {
      for (const name of await leaseFolders()) await leasesOf(name).release(container);
    },
    async recover(exists) {
      for (const name of await leaseFolders()) {
        const leases = leasesOf(name);
        for (const { id, takerAlive } of await leases.holders())
          if (!takerAlive && !(await exists(id))) await leases.release(id);
      }
    },
  };
}

/** Empty where the host shows none. */
function tableFrom(outcome: ReadOutcome): string {
  return typeof outcome === 'string' ? outcome : '';
}

function repairHint(path: string): string {
  return `Stop the containers that use it, then delete ${path}: the next start makes the network anew.`;
}

function checkName(name: string): void {
  if (['bridge', 'host', 'none', 'default'].includes(name))
    throw new SampanError('conflict', `operation is not permitted on predefined ${name} network`);
  if (!isObjectName(name))
    throw new SampanError('invalid-argument', `invalid network name ("${name}")`, {
      hint: 'Use letters, digits, dots, dashes and underscores.',
    });
}

function requireSubnet(text: string, taken: readonly Subnet[]): Subnet {
  const subnet = parseSubnet(text);
  // The network's own, the gateway's, the broadcast address, and one container.
  if (!subnet || subnet.prefix > 29 || formatSubnet(subnet) !== text)
    throw new SampanError('invalid-argument', `invalid subnet ${text}`, {
      hint: 'Use a form like 10.5.0.0/16.',
    });
  if (taken.some(other => overlaps(other, subnet)))
    throw new SampanError('conflict', 'Pool overlaps with other one on this address space', {
      hint: `Something on this machine uses addresses of ${text} already.`,
    });
  return subnet;
}

/** Docker's words. */
export function noSuchNetwork(name: string): SampanError {
  return new SampanError('not-found', `network ${name} not found.`, {
    hint: 'Networks are bridge, none, host, container:<name> and those of: sampan network ls',
  });
}

function range(subnet: Subnet): { subnet: string; gateway: string } {
  return { subnet: formatSubnet(subnet), gateway: formatAddress(gatewayOf(subnet)) };
}
