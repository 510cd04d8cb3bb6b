import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { isIP } from 'node:net';
import { availableParallelism, hostname as hostHostname } from 'node:os';
import { SampanError } from '../../common/errors.ts';
import { generateName } from '../../common/names.ts';
import { parseSignal } from '../../common/signals.ts';
import { defaultNetwork, noSuchNetwork } from '../network/networks.ts';
import { fileFailure, hasErrno } from '../store/failure.ts';
import { resolveCapabilities } from './capabilities.ts';
import { planCgroups } from './cgroups.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { checkLimits } from './limits.ts';
import { type MergedConfig, mergeConfig } from './merge.ts';
import { type InheritedMounts, type PlannedMount, planMounts, refuseOwnFiles } from './mounts.ts';
import { resolveNamespaces } from './namespaces.ts';
import type { ContainerRecord, NetworkChoice, RecordedMount } from './record.ts';
import { checkRestart } from './restartPolicy.ts';
import { resolveSecurity } from './security.ts';
import { resolveSysctls } from './sysctls.ts';
import type { ContainerOptions } from './types.ts';
import { resolveUlimits } from './ulimits.ts';

/** Longest host name, bytes (sethostname(2)). */
const hostnameMax = 64;
const nameAttempts = 100;

/**
 * Everything that can be wrong with options is found here, before anything exists. The record is written last;
 * a failure on the way takes back what was made.
 */
export async function createContainer(
  context: ContainerContext,
  options: ContainerOptions,
): Promise<ContainerRecord> {
  const id = randomBytes(32).toString('hex');
  const [image, network, access] = await Promise.all([
    context.images.resolve(options.image),
    resolveNetwork(context, options),
    context.cgroups(),
  ]);
  const merged = mergeConfig(image.config.config, options);
  checkOptions(options, { merged, network });
  const limits = planCgroups(checkLimits(options.limits ?? {}, availableParallelism()), {
    name: id,
    access,
    allowUnenforced: options.allowUnenforced ?? false,
  });
  const namespaces = await resolveNamespaces(context, options);
  const links = await resolveLinks(context, options);
  const kept = [context.store.paths.root, context.run];
  const planned = planMounts({
    options: options.mounts ?? [],
    inherited: await inheritedMounts(context, options.volumesFrom ?? []),
    imageVolumes: Object.keys(merged.config.Volumes ?? {}),
    kept,
  });
  const exposures = await checkBindSources(options, kept);
  const hostname = await chooseHostname(context, { id, options, network });
  const name = await claimName(context, { id, wanted: options.name });
  const mounts: RecordedMount[] = [];
  try {
    for (const mount of planned) mounts.push(await realize(context, mount));
    const record: ContainerRecord = {
      version: 1,
      id,
      name,
      image: { id: image.id, reference: options.image },
      ...(image.chainId ? { chainId: image.chainId } : {}),
      options,
      ...merged,
      hostname,
      createdAt: new Date().toISOString(),
      mounts,
      network,
      namespaces,
      links,
      warnings: [...limits.warnings, ...optionWarnings(options, network), ...exposures],
    };
    await writeAll(context, record);
    await makeAnonymousVolumes(context, record);
    return record;
  } catch (error) {
    await takeBack(context, { id, name, mounts });
    throw error;
  }
}

/** Under the store's lock, so that neither the image nor a volume is deleted between the look and the record. */
function writeAll(context: ContainerContext, record: ContainerRecord): Promise<void> {
  return context.store.lock('shared', async () => {
    const [image, upper] = await Promise.allSettled([
      context.images.resolve(record.image.id),
      context.snapshots.prepare(record.id, record.chainId),
    ]);
    for (const outcome of [image, upper]) if (outcome.status === 'rejected') throw outcome.reason;
    for (const { volume, anonymous } of record.mounts)
      if (volume !== undefined && !anonymous) await context.volumes.get(volume);
    await context.registry.create(record);
  });
}

async function takeBack(
  context: ContainerContext,
  made: { id: string; name: string; mounts: readonly RecordedMount[] },
): Promise<void> {
  await context.snapshots.remove(made.id);
  await context.registry.releaseName(made.name, made.id);
  await context.registry.delete(made.id);
  for (const { anonymous, volume } of made.mounts)
    if (anonymous && volume !== undefined) await context.volumes.remove(volume, { force: true });
}

function checkOptions(
  options: ContainerOptions,
  { merged, network }: { merged: MergedConfig; network: NetworkChoice },
): void {
  resolveCapabilities(options.capAdd ?? [], options.capDrop ?? []);
  resolveSecurity(options.securityOpt);
  resolveUlimits(options.ulimits);
  resolveSysctls(options.sysctls, { network, ownIpc: options.namespaces?.ipc !== 'host' });
  checkRestart(options);
  checkOomScore(options.oomScoreAdj);
  const signal = merged.config.StopSignal;
  if (signal && parseSignal(signal) === undefined)
    throw invalid(`Invalid signal: ${signal}`, 'Use a name like SIGTERM or a number from 1 to 64.');
  if ((options.hostname?.length ?? 0) > hostnameMax)
    throw invalid(`The host name is longer than ${hostnameMax} bytes.`, 'Choose a shorter one.');
  const shared = network.mode === 'container' || network.mode === 'host';
  if (network.mode === 'container' && options.hostname)
    throw invalid(
      'Conflicting options: hostname and the network mode.',
      'The host name is that of the other container.',
    );
  if (network.mode === 'container' && (options.ports?.length || options.publishAll))
    throw invalid(
      'Conflicting options: port publishing and the container type network mode.',
      'Publish the ports of the other container.',
    );
  if (shared && options.links?.length)
    throw invalid(
      `Conflicting options: links and the network mode ${network.mode}.`,
      'Links need a network of their own.',
    );
  if (options.networkAliases?.length && (network.mode !== 'bridge' || network.name === defaultNetwork))
    throw invalid(
      'Network-scoped alias is supported only for containers in user defined networks.',
      'Make one: sampan network create NAME',
    );
  for (const entry of options.extraHosts ?? []) parseExtraHost(entry);
  for (const address of options.dns ?? [])
    if (isIP(address) === 0)
      throw invalid(
        `IP address is not correctly formatted: ${address}`,
        'Give the address of a name server.',
      );
}

/** `name:address`, `name=address`, the address perhaps in brackets. */
export function parseExtraHost(entry: string): { readonly name: string; readonly address: string } {
  const match = /^([^:=]+)[:=]\[?([^\]]+)\]?$/.exec(entry);
  const address = match?.[2] ?? '';
  if (!match) throw invalid(`Bad format for add-host: "${entry}".`, 'Use NAME:ADDRESS.');
  if (address !== 'host-gateway' && isIP(address) === 0)
    throw invalid(`Invalid IP address in add-host: "${address}".`, 'Use NAME:ADDRESS.');
  return { name: match[1] as string, address };
}

async function resolveNetwork(context: ContainerContext, options: ContainerOptions): Promise<NetworkChoice> {
  const wanted = options.network ?? 'default';
  if (wanted === 'none' || wanted === 'host') return { mode: wanted };
  if (wanted.startsWith('container:')) {
    return {
      mode: 'container',
      container: await context.registry.resolve(wanted.slice('container:'.length)),
    };
  }
  const name = wanted === 'default' ? defaultNetwork : wanted;
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name) || !(await context.networks.find(name))) throw noSuchNetwork(wanted);
  return { mode: 'bridge', name };
}

async function resolveLinks(
  context: ContainerContext,
  options: ContainerOptions,
): Promise<ContainerRecord['links']> {
  return Promise.all(
    (options.links ?? []).map(async ({ container, alias }) => ({
      container: await context.registry.resolve(container),
      alias: alias || container.replace(/^\//, ''),
    })),
  );
}

async function inheritedMounts(
  context: ContainerContext,
  volumesFrom: readonly string[],
): Promise<readonly InheritedMounts[]> {
  return Promise.all(
    volumesFrom.map(async entry => {
      const [container = '', mode = 'rw'] = entry.split(':');
      if (mode !== 'rw' && mode !== 'ro') throw invalid(`Invalid mode: ${mode}.`, 'Use NAME[:ro|:rw].');
      const { record } = await requireFacts(context, await context.registry.resolve(container));
      return { mounts: record.mounts, readOnly: mode === 'ro' };
    }),
  );
}

/** `-v` makes a missing folder, as docker does; `--mount` refuses it. */
/** Refuses or makes what is missing; gives a warning for each source that holds the engine's own files. */
async function checkBindSources(
  options: ContainerOptions,
  kept: readonly string[],
): Promise<readonly string[]> {
  const warnings: string[] = [];
  // Where a link leads is compared with where the folders are.
  const own = await Promise.all(kept.map(path => realpath(path).catch(() => path)));
  for (const mount of options.mounts ?? []) {
    if (mount.type !== 'bind' || !mount.source) continue;
    const source = await realpath(mount.source).catch(error => {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw fileFailure(error, `Mounting ${mount.source}`);
    });
    if (source !== undefined) {
      refuseOwnFiles(source, own);
      warnings.push(...exposureWarnings(source, own));
    } else if (mount.createSource) await makeSource(mount.source);
    else
      throw invalid(
        `Invalid mount config for type "bind": bind source path does not exist: ${mount.source}`,
        'Create it first, or use -v, which does.',
      );
  }
  return warnings;
}

/** Docker allows `-v /:/host`, and so do we; but who can write Sampan's files can do all that Sampan can. */
function exposureWarnings(source: string, kept: readonly string[]): readonly string[] {
  const inside = kept.filter(own => own.startsWith(source === '/' ? source : `${source}/`));
  if (inside.length === 0) return [];
  return [
    `The mount of ${source} shows Sampan's own files (${inside.join(', ')}) to the container: what runs there can change images and other containers.`,
  ];
}

async function makeSource(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 }).catch(cause => {
    throw fileFailure(cause, `Creating the mount source ${path}`);
  });
}

/** Named volumes are made now; anonymous ones after the record that owns them. */
async function realize(context: ContainerContext, mount: PlannedMount): Promise<RecordedMount> {
  const { source, ...rest } = mount;
  if (mount.type !== 'volume') return { ...rest, source: source ?? '' };
  const volume =
    source === undefined ? context.volumes.planAnonymous() : await context.volumes.create({ name: source });
  return { ...rest, volume: volume.name, source: volume.mountpoint };
}

/** The anonymous volumes of a recorded container; those that exist stay. */
export async function makeAnonymousVolumes(
  context: ContainerContext,
  record: ContainerRecord,
): Promise<void> {
  for (const { anonymous, volume } of record.mounts)
    if (anonymous && volume !== undefined) await context.volumes.createAnonymous(volume);
}

async function chooseHostname(
  context: ContainerContext,
  chosen: { id: string; options: ContainerOptions; network: NetworkChoice },
): Promise<string> {
  if (chosen.options.hostname) return chosen.options.hostname;
  if (chosen.network.mode === 'host' || chosen.options.namespaces?.uts === 'host') return hostHostname();
  if (chosen.network.mode === 'container')
    return (await requireFacts(context, chosen.network.container)).record.hostname;
  return chosen.id.slice(0, 12);
}

async function claimName(
  context: ContainerContext,
  { id, wanted }: { id: string; wanted: string | undefined },
): Promise<string> {
  if (wanted !== undefined) {
    const name = wanted.replace(/^\//, '');
    await context.registry.claimName(name, id);
    return name;
  }
  for (let attempt = 0; attempt < nameAttempts; attempt++) {
    const name = generateName(Math.random, attempt);
    if (await context.registry.tryClaimName(name, id)) return name;
  }
  await context.registry.claimName(id.slice(0, 12), id);
  return id.slice(0, 12);
}

function checkOomScore(score = 0): void {
  if (Number.isInteger(score) && Math.abs(score) <= 1000) return;
  throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000].`, 'Use a number between.');
}

function optionWarnings(options: ContainerOptions, network: NetworkChoice): readonly string[] {
  if (network.mode !== 'host' || !(options.ports?.length || options.publishAll)) return [];
  return ['Published ports are discarded when using host network mode.'];
}

function invalid(message: string, hint: string): SampanError {
  return new SampanError('invalid-argument', message, { hint });
}
