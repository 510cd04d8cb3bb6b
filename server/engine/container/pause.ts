import { SampanError } from '../../common/errors.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { tell } from './events.ts';
import { isRunning } from './exit.ts';
import { type Freezer, findFreezer, freeze, thaw } from './freezer.ts';
import type { ContainerFacts } from './state.ts';
import { notRunning } from './stop.ts';

/**
 * Freeze all processes of a container. The mark is written first, so that whoever finds a frozen group knows of it; that
 * it is frozen is asked of the kernel.
 *
 * @throws SampanError `not-running`, `conflict` when it is paused, `unsupported` without a freezer
 */
export function pauseContainer(context: ContainerContext, id: string): Promise<void> {
  const { registry } = context;
  return registry.lock(id, async () => {
    const facts = await requireFacts(context, id);
    const { name } = facts.record;
    if (!isRunning(facts)) throw notRunning(name);
    if (facts.frozen) throw new SampanError('conflict', `Container ${name} is already paused.`);
    const freezer = await freezerOf(facts);
    if (!freezer) throw noFreezer(name);
    await registry.markPaused(id, freezer.path);
    try {
      await freeze(freezer);
    } catch (error) {
      await registry.clearPaused(id);
      throw error;
    }
    tell(context, facts.record, { action: 'pause' });
  });
}

/** @throws SampanError `not-running`, `conflict` when it is not paused */
export function unpauseContainer(context: ContainerContext, id: string): Promise<void> {
  return context.registry.lock(id, async () => {
    const facts = await requireFacts(context, id);
    const { name } = facts.record;
    if (!isRunning(facts)) throw notRunning(name);
    if (!facts.frozen) throw new SampanError('conflict', `Container ${name} is not paused.`);
    await letGoOn(context, facts);
  });
}

/** A frozen container gets a signal only once it goes on; nothing for one that is not frozen. */
export async function letGoOn(context: ContainerContext, facts: ContainerFacts): Promise<void> {
  if (!facts.frozen) return;
  const freezer = await freezerOf(facts);
  if (freezer) await thaw(freezer);
  await context.registry.clearPaused(facts.record.id);
  tell(context, facts.record, { action: 'unpause' });
}

/** @throws SampanError `conflict` with docker's words for what cannot be done meanwhile */
export function refusePaused(facts: ContainerFacts, what: string): void {
  if (!facts.frozen) return;
  const { name } = facts.record;
  throw new SampanError('conflict', `Container ${name} is paused, unpause the container before ${what}.`, {
    hint: `Use: sampan unpause ${name}`,
  });
}

function freezerOf(facts: ContainerFacts): Promise<Freezer | undefined> {
  return findFreezer(facts.run?.cgroups ?? []);
}

function noFreezer(name: string): SampanError {
  return new SampanError(
    'unsupported',
    `Container ${name} cannot be paused: no cgroup that can be frozen is available to this user.`,
    {
      hint: 'With systemd, start Sampan in a session of user@.service with Delegate=yes, or run as root; then start the container again.',
    },
  );
}
