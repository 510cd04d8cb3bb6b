import { availableParallelism } from 'node:os';
import { isSampanError, SampanError } from '../../common/errors.ts';
import { linkVariables } from '../network/links.ts';
import type { StartedContainer } from '../runtime/types.ts';
import { containerUser } from './account.ts';
import { resolveCapabilities } from './capabilities.ts';
import { enableControllers } from './cgroupAccess.ts';
import { type CgroupPlan, planCgroups } from './cgroups.ts';
import { type ContainerContext, runLayers } from './context.ts';
import { makeAnonymousVolumes } from './create.ts';
import { processEnvironment } from './environment.ts';
import { writeHosts, writeNameFiles } from './etcFiles.ts';
import { checkLimits } from './limits.ts';
import { addressOf, attachNetwork, findLinks } from './networking.ts';
import type { ContainerRecord, RunRecord } from './record.ts';
import { RootfsView } from './rootfsView.ts';
import { resolveSecurity } from './security.ts';
import { etcFilesOf, monitorSpec, startExitCode } from './spec.ts';
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
  const { record, directory } = attempt.facts;
  const [rootfs, links, network, user, seccompFilter, limits] = await Promise.all([
    runLayers(context, record.id),
    findLinks(context, record),
    attachNetwork(context, record),
    containerUser(context, attempt.facts, attempt.view),
    resolveSecurity(record.options.securityOpt).seccomp
      ? context.seccomp.fileFor(
          resolveCapabilities(record.options.capAdd ?? [], record.options.capDrop ?? []),
        )
      : undefined,
    planLimits(context, record),
    fillVolumes(context, attempt),
    writeNameFiles(record, directory),
  ]);
  const env = processEnvironment({
    env: record.config.Env ?? [],
    hostname: record.hostname,
    tty: record.options.tty ?? false,
    links: links.flatMap(link => linkVariables(link)),
    home: user.home,
  });
  const run: RunRecord = {
    root: context.store.paths.root,
    id: record.id,
    env,
    user,
    cgroups: limits.groups.map(group => group.path),
    ...(seccompFilter ? { seccompFilter } : {}),
    network: network.attached
      ? {
          address: addressOf(network.attached),
          gateway: network.attached.gateway,
          mac: network.attached.mac,
        }
      : {},
    links: links.map(({ alias, address }) => ({ alias, address })),
    warnings: network.warnings,
  };
  await Promise.all([
    context.registry.writeRun(record.id, run),
    writeHosts({ record, directory, network: network.attached, links }),
  ]);
  const started = await context.runtime.startContainer(
    monitorSpec({
      record,
      directory,
      runDirectory: context.registry.runDirectory(record.id),
      rootfs,
      env,
      user,
      cgroups: limits.groups,
      network: network.attached,
      networkOf: network.of,
      etcFiles: etcFilesOf(
        record.network.mode === 'container'
          ? context.registry.directory(record.network.container)
          : directory,
      ),
      seccompFilter,
      waitForAttach: attempt.options.waitForAttach ?? false,
      ttySize: attempt.options.ttySize,
    }),
  );
  if (started.warnings.length > 0)
    await context.registry.writeRun(record.id, { ...run, warnings: [...run.warnings, ...started.warnings] });
  return started;
}

async function planLimits(context: ContainerContext, record: ContainerRecord): Promise<CgroupPlan> {
  const access = await context.cgroups();
  const plan = planCgroups(checkLimits(record.options.limits ?? {}, availableParallelism()), {
    name: `sampan-${record.id}`,
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
