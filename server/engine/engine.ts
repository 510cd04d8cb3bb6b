import { createHash } from 'node:crypto';
import { availableParallelism, machine, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { isSampanError, SampanError } from '../common/errors.ts';
import { cachedLayers } from './build/buildCache.ts';
import { isStepRunning, recoverSteps } from './build/stepFolder.ts';
import type { Builder } from './build/types.ts';
import { probeCgroups, readCgroupHost } from './container/cgroupAccess.ts';
import type { CgroupAccess } from './container/cgroups.ts';
import type { ContainerContext } from './container/context.ts';
import { isRunning } from './container/exit.ts';
import { makeMountPoints } from './container/mountPoints.ts';
import { openRegistry } from './container/registry.ts';
import { openSeccompFilters } from './container/seccomp.ts';
import { type Containers, openContainers } from './container/service.ts';
import { StoreEvents } from './events.ts';
import { openFiles } from './files/service.ts';
import type { Kept } from './image/context.ts';
import { openImageStore } from './image/images.ts';
import { tellingImages } from './journal/imageEvents.ts';
import { openJournal } from './journal/journal.ts';
import { tellingVolumes } from './journal/volumeEvents.ts';
import { loadNative } from './native.ts';
import { type Networks, openNetworks } from './network/networks.ts';
import type { NetworkRecord } from './network/record.ts';
import { HelperRuntime } from './runtime/client.ts';
import { checkRunFolder } from './runtime/holder.ts';
import { enterServers } from './servers.ts';
import { openSnapshots } from './snapshot/snapshots.ts';
import type { Survey } from './store/damage.ts';
import { openStore } from './store/store.ts';
import type { Engine, EngineInfo, EngineOptions, NetworkInfo } from './types.ts';
import { openVolumes } from './volume/volumes.ts';

/**
 * Open the engine on a store. Cheap: no container is read, and the holder of namespaces starts with the first
 * act that needs it. What servers left that were killed is cleaned up in the background.
 *
 * @throws SampanError `invalid-argument` (a runtime folder with too long a path), `isolation-unavailable` (no addon), `version-mismatch`, `store-corrupt`, `disk-full`, `unsupported`
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const run = resolve(options.run);
  checkRunFolder(run);
  const native = loadNative(options.nativeDirectory);
  const store = await openStore({ root: options.root, locks: native });
  const { paths } = store;
  const runtime = new HelperRuntime({
    run,
    root: paths.root,
    helper: join(options.nativeDirectory, 'sampan-init'),
    ...(options.idleSeconds === undefined ? {} : { idleSeconds: options.idleSeconds }),
  });
  const openFs = () => runtime.openFs();
  const warn = (message: string) => options.log('warn', message);
  const snapshots = openSnapshots({
    store,
    openFs,
    onError: error => warn(`Deleting files of a snapshot failed: ${messageOf(error)}`),
    onWarning: warn,
  });
  const keep = async (): Promise<Kept> => {
    const [kept, cached] = await Promise.all([keptByContainers(containers), cachedLayers(store)]);
    return { images: kept.images, chainIds: [...kept.chainIds, ...cached] };
  };
  const journal = openJournal({ folder: paths.events, native, warn });
  const images = tellingImages(openImageStore({ store, snapshots, openFs, keep, warn }), journal);
  const networks = openNetworks({ store, run, native });
  const untoldVolumes = openVolumes({
    store,
    locks: native,
    openFs,
    usersOf: name => containers.usersOfVolume(name),
  });
  const volumes = tellingVolumes(untoldVolumes, journal);
  const cgroups = once(async () => probeCgroups(await readCgroupHost()));
  const context: ContainerContext = {
    store,
    native,
    runtime,
    images,
    snapshots,
    volumes,
    networks,
    registry: openRegistry({ store, native, run }),
    journal,
    seccomp: openSeccompFilters({ store, runtime }),
    cgroups,
    mountPoints: once(() => makeMountPoints(store)),
    run,
    log: options.log,
  };
  const containers = openContainers(context, {
    applyChanges: async (config, changes) =>
      (await import('./build/changes.ts')).applyChanges(config, changes),
  });
  const events = new StoreEvents(paths, { onBlind: warn });
  const entry = await enterServers(run);

  /** Each part by itself: what cannot be tidied today must not keep the rest from it, and is tried again. */
  async function recover(): Promise<void> {
    const { registry } = context;
    // A runtime folder may serve several stores: who has a folder there is one's own, or somebody else's.
    const mayHoldAddress = async (id: string) =>
      (await registry.exists(id)) || (await isStepRunning(run, id)) || (await registry.hasRunFolder(id));
    const parts = [
      containers.recover,
      registry.recover,
      volumes.recover,
      () => recoverSteps(run, runtime),
      () => networks.recover(mayHoldAddress),
      () => snapshots.recover(registry.exists),
    ];
    let failed = false;
    const told = new Set<string>();
    for (const part of parts) {
      await part().catch(error => {
        // Damage stays until somebody mends it: trying again at every start would not.
        failed ||= !isSampanError(error, 'store-corrupt');
        // What stops one part, such as a read-only disk, mostly stops them all.
        const message = `Cleaning up after another server failed: ${messageOf(error)}`;
        if (!told.has(message)) options.log('warn', message);
        told.add(message);
      });
    }
    if (!failed) await entry.recovered();
  }

  const tellNetwork = (action: string, { id, name }: { readonly id: string; readonly name: string }) =>
    journal.append({ type: 'network', action, actor: { id, attributes: { name, type: 'bridge' } } });

  let builder: Promise<Builder> | undefined;
  const loadBuilder = () => {
    builder ??= import('./build/builder.ts').then(({ createBuilder }) =>
      createBuilder({ ...context, images }),
    );
    return builder;
  };

  const recovery = entry.recoveryNeeded ? recover() : Promise.resolve();

  return {
    images,
    containers,
    volumes,
    files: openFiles(context),
    // The builder and the language are loaded by the first build: a run of a container starts without them.
    builder: {
      build: async options => (await loadBuilder()).build(options),
      call: async options => (await loadBuilder()).call(options),
      openShell: async (id, options) => (await loadBuilder()).openShell(id, options),
      forget: async id => (await loadBuilder()).forget(id),
      close: async () => (await builder)?.close(),
      fetchContext: async (remote, options) => (await loadBuilder()).fetchContext(remote, options),
    },
    async readEvents(options) {
      await journal.settled();
      return (await import('./journal/read.ts')).readEvents(paths.events, options);
    },
    onDidChange: listener => events.listen(listener),
    async info() {
      const host = await runtime.host();
      return {
        ...machineFacts(),
        root: paths.root,
        run,
        host,
        cgroup: describeCgroups(await cgroups()),
        warnings: host.warnings,
      };
    },
    diskUsage: async () =>
      (await import('./diskUsage.ts')).diskUsage({ store, images, containers, volumes, snapshots, openFs }),
    pruneCache: async policy =>
      (await import('./build/cachePrune.ts')).pruneCache(
        { store, native, images, snapshots, openFs },
        policy,
      ),
    async createNetwork(options) {
      const { id, name } = await networks.create(options);
      tellNetwork('create', { id, name });
      return { id };
    },
    async removeNetwork(nameOrId) {
      const { id, name, bridge } = await requireUserNetwork(networks, nameOrId);
      const { found } = await describeNetworks(networks, { containers, root: paths.root });
      const users = found.find(network => network.id === id)?.containers ?? [];
      if (users.length > 0)
        throw networkInUse(
          name,
          users.map(user => user.name),
        );
      await runtime.removeNetwork(bridge);
      await networks.remove(name);
      tellNetwork('destroy', { id, name });
    },
    surveyNetworks: () => describeNetworks(networks, { containers, root: paths.root }),
    async close() {
      events.close();
      await recovery;
      await (await builder)?.close();
      await containers.close();
      await snapshots.close();
      await runtime.close();
      await journal.settled();
      await entry.leave();
    },
  };
}

/** What containers stand on: their images, and the layers below their own even when the image went (`rmi -f`). */
async function keptByContainers(containers: Containers): Promise<Kept> {
  const facts = await containers.allFacts();
  return {
    images: facts.map(one => one.record.image.id),
    chainIds: facts.flatMap(one => (one.record.chainId ? [one.record.chainId] : [])),
  };
}

function machineFacts(): Pick<EngineInfo, 'version' | 'kernel' | 'architecture' | 'cpus' | 'memoryBytes'> {
  return {
    version: process.env.SAMPAN_VERSION ?? '0.0.0',
    kernel: release(),
    architecture: machine(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

function describeCgroups(access: CgroupAccess): EngineInfo['cgroup'] {
  return {
    version: access.host.version,
    controllers: [...new Set([...Object.keys(access.v1Parents), ...access.v2Controllers])].sort(),
  };
}

/** The time of what nobody made, as Go writes it. */
const alwaysThere = '0001-01-01T00:00:00Z';

/** The bridges with who is on them, and the two networks that are none, as docker lists them. */
async function describeNetworks(
  networks: Networks,
  { containers, root }: { readonly containers: Containers; readonly root: string },
): Promise<Survey<NetworkInfo>> {
  const running = (await containers.surveyFacts()).found.filter(isRunning);
  const { found, damaged } = await networks.survey();
  const bridges = found.map(({ name, id, createdAt, subnet, gateway }) => ({
    name,
    id,
    createdAt,
    driver: 'bridge' as const,
    subnet,
    gateway,
    containers: running.flatMap(({ record, run }) =>
      record.network.mode === 'bridge' && record.network.name === name && run?.network.address
        ? [{ id: record.id, name: record.name, address: run.network.address }]
        : [],
    ),
  }));
  const others = (['host', 'none'] as const).map(driver => ({
    name: driver,
    id: createHash('sha256').update(`${root} ${driver}`).digest('hex'),
    createdAt: alwaysThere,
    driver,
    containers: running
      .filter(({ record }) => record.network.mode === driver)
      .map(({ record }) => ({ id: record.id, name: record.name, address: '' })),
  }));
  return { found: [...bridges, ...others], damaged };
}

async function requireUserNetwork(networks: Networks, nameOrId: string): Promise<NetworkRecord> {
  const isFixed = (name: string) => ['bridge', 'host', 'none'].includes(name);
  const network = isFixed(nameOrId) ? undefined : await networks.resolve(nameOrId);
  if (network && !isFixed(network.name)) return network;
  throw new SampanError('conflict', `${nameOrId} is a pre-defined network and cannot be removed`);
}

function networkInUse(name: string, users: readonly string[]): SampanError {
  return new SampanError('conflict', `error while removing network: network ${name} has active endpoints`, {
    hint: `Stop the containers on it first: ${users.join(', ')}`,
    detail: { containers: users },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One call for all; a failure is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch(error => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
