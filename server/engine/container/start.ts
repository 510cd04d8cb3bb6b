import { availableParallelism } from 'node:os';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { linkVariables } from '../network/links.ts';
import type { LocatedNetwork } from '../network/networks.ts';
import type { ContainerContent, ContainerPlace, StartedContainer } from '../runtime/types.ts';
import { containerUser } from './account.ts';
import { resolveCapabilities } from './capabilities.ts';
import { enableControllers } from './cgroupAccess.ts';
import { type CgroupPlan, groupName, planCgroups } from './cgroups.ts';
import { type ContainerContext, runLayers } from './context.ts';
import { makeAnonymousVolumes } from './create.ts';
import { processEnvironment } from './environment.ts';
import { etcFileContents, resolverContent } from './etcFiles.ts';
import { checkLimits } from './limits.ts';
import { membersAtStart } from './members.ts';
import { findNamespaces } from './namespaces.ts';
import { findLinks, findNetwork, findNetworkOwner, withoutPrefix } from './networking.ts';
import type { ContainerRecord, RunRecord } from './record.ts';
import { encodeRun } from './registry.ts';
import { RootfsView } from './rootfsView.ts';
import { resolveSecurity } from './security.ts';
import { containerContent, containerPlace, etcFilesOf, startExitCode } from './spec.ts';
import type { ContainerFacts } from './state.ts';

export interface StartOptions {
  readonly waitForAttach?: boolean;
  readonly ttySize?: { readonly rows: number; readonly columns: number };
}

/**
 * Start a container that is not running; the caller holds its lock. Returns the attach socket. A failure is
 * recorded and leaves the container as it was.
 */
export async function startLocked(
  context: ContainerContext,
  facts: ContainerFacts,
  options: StartOptions,
): Promise<StartedContainer> {
  const { id } = facts.record;
  if (facts.removing)
    throw new SampanError('conflict', `The container ${facts.record.name} is being removed.`);
  const view = new RootfsView(context, id);
  try {
    if (facts.failure) await context.registry.setFailure(id, undefined);
    if (facts.stoppedByHand) await context.registry.setStopped(id, false);
    return await start(context, { facts, view, options });
  } catch (error) {
    const message = isSampanError(error) ? error.message : String(error);
    await context.registry.setFailure(id, { message, exitCode: startExitCode(error) });
    throw error;
  } finally {
    await view.close();
  }
}

interface Attempt {
  readonly facts: ContainerFacts;
  readonly view: RootfsView;
  readonly options: StartOptions;
}

async function start(context: ContainerContext, attempt: Attempt): Promise<StartedContainer> {
  const { record } = attempt.facts;
  const limits = planLimits(context, record);
  const network = findNetwork(context, record);
  const content = findContent(context, { ...attempt, limits, network });
  const started = await context.runtime.beginContainer({
    place: findPlace(context, { ...attempt, limits }),
    network,
    content: content.then(found => found.content),
  });
  if (started.warnings.length > 0) {
    const { run } = await content;
    await context.registry.writeRun(record.id, { ...run, warnings: started.warnings });
  }
  return started;
}

/** All that the namespaces wait for: as little as can be. */
async function findPlace(
  context: ContainerContext,
  { facts, options, limits }: Attempt & { readonly limits: Promise<CgroupPlan> },
): Promise<ContainerPlace> {
  const { record, directory } = facts;
  const [{ groups }, networkOf, namespaces] = await Promise.all([
    limits,
    findNetworkOwner(context, record),
    findNamespaces(context, record),
  ]);
  return containerPlace({
    record,
    directory,
    runDirectory: context.registry.runDirectory(record.id),
    cgroups: groups,
    networkOf,
    namespaces,
    waitForAttach: options.waitForAttach ?? false,
    journal: context.store.paths.events,
  });
}

interface Content {
  readonly content: ContainerContent;
  readonly run: RunRecord;
}

/** All that a start finds out while the helper makes the container's namespaces. */
async function findContent(
  context: ContainerContext,
  attempt: Attempt & {
    readonly limits: Promise<CgroupPlan>;
    readonly network: Promise<LocatedNetwork | undefined>;
  },
): Promise<Content> {
  const { record, directory } = attempt.facts;
  const [rootfs, links, limits, network, address, user, seccompFilter, resolver] = await Promise.all([
    runLayers(context, record.id),
    findLinks(context, record),
    attempt.limits,
    attempt.network,
    attempt.network.then(found => found && context.networks.lease(found, record.id)),
    containerUser(context, attempt.facts, attempt.view),
    seccompFile(context, record),
    resolverContent(record),
    fillVolumes(context, attempt),
    context.journal.settled(), // what was told before comes before the start, which the monitor tells
  ]);
  const env = processEnvironment({
    env: record.config.Env ?? [],
    hostname: record.hostname,
    tty: record.options.tty ?? false,
    links: links.flatMap(link => linkVariables(link)),
    home: user.home,
  });
  const position =
    network && address !== undefined
      ? { address: withoutPrefix(address), gateway: network.gateway }
      : undefined;
  const run: RunRecord = {
    root: context.store.paths.root,
    id: record.id,
    env,
    user,
    cgroups: limits.groups.map(group => group.path),
    ...(seccompFilter ? { seccompFilter } : {}),
    network: position && network ? { ...position, mac: network.mac } : {},
    links: links.map(({ alias, address }) => ({ alias, address })),
    warnings: [],
  };
  const etcOwner =
    record.network.mode === 'container' ? context.registry.directory(record.network.container) : directory;
  const content = containerContent({
    record,
    rootfs,
    env,
    user,
    address,
    gateway: network?.gateway,
    etcFiles: etcFilesOf(etcOwner),
    files: await etcFileContents({
      record,
      directory,
      network: position,
      links,
      members: await membersAtStart(context, { record, address: position?.address }),
      resolver,
    }),
    runRecord: encodeRun(run),
    seccompFilter,
    ttySize: attempt.options.ttySize,
  });
  return { content, run };
}

async function seccompFile(
  context: ContainerContext,
  { options }: ContainerRecord,
): Promise<string | undefined> {
  if (!resolveSecurity(options.securityOpt).seccomp) return undefined;
  return context.seccomp.fileFor(resolveCapabilities(options.capAdd ?? [], options.capDrop ?? []));
}

async function planLimits(context: ContainerContext, record: ContainerRecord): Promise<CgroupPlan> {
  const access = await context.cgroups();
  const plan = planCgroups(checkLimits(record.options.limits ?? {}, availableParallelism()), {
    name: groupName(record.id),
    access,
    allowUnenforced: record.options.allowUnenforced ?? false,
  });
  if (access.v2Parent && plan.controllers.length > 0)
    await enableControllers(access.v2Parent, plan.controllers);
  return plan;
}

async function fillVolumes(context: ContainerContext, { facts, view }: Attempt): Promise<void> {
  await makeAnonymousVolumes(context, facts.record);
  for (const mount of facts.record.mounts) {
    if (!mount.copyUp || mount.volume === undefined || !(await context.volumes.isEmpty(mount.volume)))
      continue;
    await context.volumes.fill(mount.volume, { rootfs: await view.rootfs(), path: mount.target });
  }
}
