import { SampanError } from '../../common/errors.ts';
import { type Survey, survey, whole } from '../store/damage.ts';
import { AutoRemoval } from './autoRemoval.ts';
import { type ApplyChanges, commitContainer } from './commit.ts';
import { type ContainerContext, requireFacts, runLayers, viewLayers } from './context.ts';
import { copyFromContainer, copyToContainer } from './copy.ts';
import { createContainer } from './create.ts';
import { actorOf, tell } from './events.ts';
import { execInContainer } from './exec.ts';
import { isActive, isRunning, waitForExit, waitForFacts } from './exit.ts';
import { readLog } from './log.ts';
import { refreshMembers } from './members.ts';
import { pauseContainer, refusePaused, unpauseContainer } from './pause.ts';
import { isOver, removeContainer } from './remove.ts';
import { startsAtBoot } from './restartPolicy.ts';
import { startLocked } from './start.ts';
import { type ContainerFacts, describeContainer, newFacts } from './state.ts';
import { killContainer, notRunning, stopContainer } from './stop.ts';
import type { Container, ContainerService } from './types.ts';
import { recoverRecordless } from './unreadable.ts';
import { updateContainer } from './update.ts';

/** The containers with what only the engine needs of them. */
export interface Containers extends ContainerService {
  /** Names of the containers that use a volume. Throws `store-corrupt` while one cannot be read: it may be a user. */
  usersOfVolume(name: string): Promise<readonly string[]>;
  /** Everything that lies on disk as it is. Throws `store-corrupt` when something of it cannot be read. */
  allFacts(): Promise<readonly ContainerFacts[]>;
  surveyFacts(): Promise<Survey<ContainerFacts>>;
  /** Finish what crashed servers left and take care of `--rm` containers. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

export function openContainers(
  context: ContainerContext,
  { applyChanges }: { readonly applyChanges: ApplyChanges },
): Containers {
  const { registry } = context;
  const autoRemoval = new AutoRemoval(context);

  async function describe(id: string): Promise<Container> {
    return describeContainer(await requireFacts(context, id));
  }

  async function surveyFacts(): Promise<Survey<ContainerFacts>> {
    return survey((await registry.ids()).map(registry.facts));
  }

  async function allFacts(): Promise<readonly ContainerFacts[]> {
    return whole(await surveyFacts());
  }

  async function surveyContainers({ all } = { all: false }): Promise<Survey<Container>> {
    const { found, damaged } = await surveyFacts();
    for (const one of found) if (isOver(one)) autoRemoval.watch(one.record.id);
    const shown = found
      .filter(one => !isOver(one) && (all || isActive(one)))
      .map(describeContainer)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return { found: shown, damaged };
  }

  async function startOne(id: string, options: Parameters<ContainerService['start']>[1]) {
    return registry.lock(id, async () => {
      const facts = await requireFacts(context, id);
      if (facts.frozen) throw pausedStart(facts.record.name);
      const socket = isActive(facts)
        ? attachSocketOf(id)
        : (await startLocked(context, facts, options ?? {})).attachSocket;
      if (facts.record.options.autoRemove) autoRemoval.watch(id);
      await refreshMembers(context, facts.record);
      return socket;
    });
  }

  function attachSocketOf(id: string): string {
    return `${registry.runDirectory(id)}/attach.sock`;
  }

  async function usersWhere(uses: (facts: ContainerFacts) => boolean): Promise<readonly string[]> {
    return (await allFacts()).filter(uses).map(facts => facts.record.name);
  }

  return {
    allFacts,
    surveyFacts,
    survey: surveyContainers,
    list: async options => whole(await surveyContainers(options)),
    async get(nameOrId) {
      return describe(await registry.resolve(nameOrId));
    },
    async create(options) {
      const record = await createContainer(context, options);
      tell(context, record, { action: 'create' });
      return describeContainer(newFacts(record, registry.directory(record.id)));
    },
    async start(nameOrId, options) {
      const id = await registry.resolve(nameOrId);
      try {
        const attachSocket = await startOne(id, options);
        return { container: await describe(id), attachSocket };
      } catch (error) {
        await autoRemoval.removeNow(id);
        throw error;
      }
    },
    async stop(nameOrId, options) {
      const id = await registry.resolve(nameOrId);
      const { record } = await requireFacts(context, id);
      await stopContainer(context, id, options);
      await refreshMembers(context, record);
      await autoRemoval.removeNow(id);
    },
    async kill(nameOrId, signal) {
      await killContainer(context, await registry.resolve(nameOrId), signal);
    },
    async startByPolicy() {
      const wanted = (await surveyFacts()).found.filter(startsAtBoot);
      const outcomes = await Promise.allSettled(wanted.map(facts => startOne(facts.record.id, {})));
      return {
        started: wanted.filter((_, index) => outcomes[index]?.status === 'fulfilled').map(nameOf),
        failed: outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : [])),
      };
    },
    async update(nameOrId, update) {
      return updateContainer(context, await registry.resolve(nameOrId), update);
    },
    async pause(nameOrId) {
      await pauseContainer(context, await registry.resolve(nameOrId));
    },
    async unpause(nameOrId) {
      await unpauseContainer(context, await registry.resolve(nameOrId));
    },
    async restart(nameOrId, options) {
      const id = await registry.resolve(nameOrId);
      await registry.lock(id, async () => {
        await stopContainer(context, id, options);
        const facts = await requireFacts(context, id);
        await startLocked(context, facts, {});
        await refreshMembers(context, facts.record);
        tell(context, facts.record, { action: 'restart' });
      });
      autoRemoval.watch(id);
    },
    async remove(nameOrId, options) {
      const id = await registry.resolve(nameOrId);
      const wasWatched = autoRemoval.unwatch(id);
      try {
        if (wasWatched && (await autoRemoval.removeNow(id))) return;
        await removeContainer(context, id, options ?? {});
      } catch (error) {
        if (wasWatched) autoRemoval.watch(id);
        throw error;
      }
    },
    async rename(nameOrId, wanted) {
      const id = await registry.resolve(nameOrId);
      const name = wanted.replace(/^\//, '');
      await registry.lock(id, async () => {
        const { record } = await requireFacts(context, id);
        if (record.name === name)
          throw new SampanError(
            'invalid-argument',
            'Renaming a container with the same name as its current name.',
            {
              hint: 'Choose another name.',
            },
          );
        await registry.claimName(name, id);
        await registry.update({ ...record, name });
        await registry.releaseName(record.name, id);
        await registry.writeActor(id, actorOf({ ...record, name }));
        tell(context, { ...record, name }, { action: 'rename', oldName: `/${record.name}` });
      });
    },
    async wait(nameOrId, { signal, condition } = {}) {
      const gone = autoRemoval.exitCodeOf(nameOrId);
      if (gone !== undefined) return gone;
      const id = await registry.resolve(nameOrId);
      const facts = await waitForExit(context, id, { signal });
      const code =
        facts && facts !== 'timeout' ? (describeContainer(facts).exitCode ?? 0) : autoRemoval.exitCodeOf(id);
      if (condition === 'removed') await waitForFacts(context, id, { done: () => false, signal });
      return code ?? 0;
    },
    async usage({ containers: names, all }) {
      const ids = names && (await Promise.all(names.map(registry.resolve)));
      const facts = ids
        ? await Promise.all(ids.map(id => requireFacts(context, id)))
        : (await surveyFacts()).found.filter(one => all || isRunning(one));
      return (await import('./stats.ts')).measureContainers(context.native, facts);
    },
    async exec(nameOrId, options) {
      return execInContainer(context, await registry.resolve(nameOrId), options);
    },
    async attachSocket(nameOrId) {
      const id = await registry.resolve(nameOrId);
      const facts = await requireFacts(context, id);
      if (!isRunning(facts)) throw notRunning(facts.record.name);
      refusePaused(facts, 'attach');
      tell(context, facts.record, { action: 'attach' });
      return attachSocketOf(id);
    },
    async readLog(nameOrId, options) {
      const id = await registry.resolve(nameOrId);
      return readLog(registry.directory(id), options, async () => {
        const facts = await registry.facts(id);
        return !facts || !isActive(facts);
      });
    },
    async exportTar(nameOrId, sink) {
      const layers = await viewLayers(context, await registry.resolve(nameOrId));
      const session = await context.runtime.openFs();
      try {
        await (await session.mount(layers)).exportTar(sink);
      } finally {
        await session.close();
      }
    },
    async copyFrom(nameOrId, options) {
      return copyFromContainer(context, await registry.resolve(nameOrId), options);
    },
    async copyTo(nameOrId, options) {
      return copyToContainer(context, await registry.resolve(nameOrId), options);
    },
    async commit(nameOrId, options) {
      return commitContainer(context, await registry.resolve(nameOrId), { options, applyChanges });
    },
    async changes(nameOrId) {
      const id = await registry.resolve(nameOrId);
      const { record } = await requireFacts(context, id);
      const mounted = new Set(record.mounts.map(mount => mount.target));
      const session = await context.runtime.openFs();
      try {
        const changes = await session.changes(await runLayers(context, id));
        return changes.filter(change => !mounted.has(change.path));
      } finally {
        await session.close();
      }
    },
    usersOfImage: id => usersWhere(facts => facts.record.image.id === id),
    usersOfVolume: name =>
      usersWhere(facts => !facts.removing && facts.record.mounts.some(mount => mount.volume === name)),
    async recover() {
      await recoverRecordless(context);
      await autoRemoval.recover();
    },
    close: () => autoRemoval.close(),
  };
}

function nameOf({ record }: ContainerFacts): string {
  return record.name;
}

function pausedStart(name: string): SampanError {
  return new SampanError('conflict', `Cannot start a paused container, try unpause instead: ${name}.`, {
    hint: `Use: sampan unpause ${name}`,
  });
}
