import { isSampanError, SampanError } from '../../common/errors.ts';
import { unlessDamaged } from '../store/damage.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { tell } from './events.ts';
import { isActive, isRunning } from './exit.ts';
import { removeGroups } from './groups.ts';
import { refreshMembers } from './members.ts';
import type { ContainerRecord } from './record.ts';
import type { ContainerFacts, Removal } from './state.ts';
import { killAndWait } from './stop.ts';
import { removeUnreadable } from './unreadable.ts';

export interface RemoveOptions {
  readonly force?: boolean;
  /** Its anonymous volumes too. */
  readonly volumes?: boolean;
}

/** Remove a container under its lock. Throws `conflict` for a running one without `force`. */
export function removeContainer(
  context: ContainerContext,
  id: string,
  options: RemoveOptions,
): Promise<void> {
  return context.registry.lock(id, async () => {
    const facts = await readable(requireFacts(context, id), options);
    if (facts === undefined) {
      await context.registry.markRemoving(id, 'container');
      return removeUnreadable(context, id);
    }
    if (isActive(facts)) {
      if (facts.frozen && !options.force)
        throw new SampanError(
          'conflict',
          `Cannot remove container "${facts.record.name}": container is paused and must be unpaused first.`,
          { hint: `Use: sampan unpause ${facts.record.name}, or sampan rm -f ${facts.record.name}` },
        );
      if (!options.force)
        throw new SampanError(
          'conflict',
          `Cannot remove container "${facts.record.name}": container is ${facts.state.status}: stop the container before removing or force remove.`,
          { hint: `Use: sampan stop ${facts.record.name}, or sampan rm -f ${facts.record.name}` },
        );
      await killAndWait(context, facts);
      await refreshMembers(context, facts.record);
    }
    await tearDown(context, facts.record, options.volumes ? 'container-and-volumes' : 'container');
  });
}

/** Undefined for a damaged container that is to go by force; without force it may be running, and stays. */
function readable(
  facts: Promise<ContainerFacts>,
  options: RemoveOptions,
): Promise<ContainerFacts | undefined> {
  return options.force ? unlessDamaged(facts) : facts;
}

/** Remove a `--rm` container that is over; nothing when it was started again or is gone. */
export async function removeIfOver(context: ContainerContext, id: string): Promise<void> {
  try {
    await context.registry.lock(id, async () => {
      const facts = await context.registry.facts(id);
      if (facts && isOver(facts)) await tearDown(context, facts.record, 'container-and-volumes');
    });
  } catch (error) {
    if (!isSampanError(error, 'not-found')) throw error;
  }
}

/** True for a `--rm` container that ended or failed to start. */
export function isOver(facts: ContainerFacts): boolean {
  return Boolean(facts.record.options.autoRemove && (facts.state || facts.failure) && !isRunning(facts));
}

/** Go on with a removal that a crash cut short. */
export function finishRemoval(context: ContainerContext, id: string): Promise<void> {
  return context.registry.lock(id, async () => {
    if ((await context.registry.removing(id)) === undefined) return;
    const facts = await unlessDamaged(context.registry.facts(id));
    if (facts?.removing) await tearDown(context, facts.record, facts.removing);
    else await removeUnreadable(context, id);
  });
}

/** From the mark on every step can be done again; the record goes last. */
async function tearDown(context: ContainerContext, record: ContainerRecord, removal: Removal): Promise<void> {
  await context.registry.markRemoving(record.id, removal);
  await context.registry.releaseName(record.name, record.id);
  if (record.network.mode === 'bridge') await context.networks.release(record.network.name, record.id);
  await removeGroups(context, record.id);
  if (removal === 'container-and-volumes') await removeVolumes(context, record);
  await context.snapshots.remove(record.id);
  await context.registry.delete(record.id);
  tell(context, record, { action: 'destroy' });
}

async function removeVolumes(context: ContainerContext, record: ContainerRecord): Promise<void> {
  for (const { anonymous, volume } of record.mounts) {
    if (!anonymous || volume === undefined) continue;
    await context.volumes.remove(volume, { force: true }).catch(error => {
      if (!isSampanError(error, 'conflict')) throw error; // another container mounts it by --volumes-from
    });
  }
}
