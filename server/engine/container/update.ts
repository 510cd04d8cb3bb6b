import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { SampanError } from '../../common/errors.ts';
import type { CgroupSpec } from '../runtime/types.ts';
import { hasErrno } from '../store/failure.ts';
import { enableControllers } from './cgroupAccess.ts';
import { groupName, planCgroups } from './cgroups.ts';
import { type ContainerContext, requireFacts } from './context.ts';
import { tell } from './events.ts';
import { isActive } from './exit.ts';
import { checkLimits } from './limits.ts';
import { checkRestart, encodePolicy, restarts } from './restartPolicy.ts';
import type { ContainerFacts } from './state.ts';
import type { ContainerUpdate, Limits } from './types.ts';

/**
 * Change limits and restart policy, at once when it runs. What is not named stays as it is. Gives sentences about what
 * counts later.
 *
 * @throws SampanError `invalid-argument`, `limit-unenforceable`, `conflict` when the kernel refuses (less memory than is in use)
 */
export function updateContainer(
  context: ContainerContext,
  id: string,
  update: ContainerUpdate,
): Promise<readonly string[]> {
  return context.registry.lock(id, async () => {
    const facts = await requireFacts(context, id);
    const { record } = facts;
    const limits: Limits = { ...record.options.limits, ...update.limits };
    const restart = update.restart ?? record.options.restart;
    checkRestart({ ...record.options, ...(restart ? { restart } : {}) });
    const checked = checkLimits(limits, availableParallelism());
    const plan = planCgroups(checked, {
      name: groupName(id),
      access: await context.cgroups(),
      allowUnenforced: false,
      lifted: liftedBy(update.limits ?? {}),
    });
    if (isActive(facts) && update.limits) await applyLimits(context, { facts, ...plan });
    const options = { ...record.options, limits, ...(restart ? { restart } : {}) };
    await context.registry.update({ ...record, options });
    if (update.restart) await context.registry.writePolicy(id, encodePolicy(update.restart) ?? 'no');
    tell(context, record, { action: 'update' });
    // The monitor of a container without a policy does not know how to run it again.
    const isLate = isActive(facts) && restarts(update.restart) && !restarts(record.options.restart);
    return isLate ? [`The restart policy of the container ${record.name} counts from its next start.`] : [];
  });
}

/** Limits that were given as "none": a group that has them must forget them. */
function liftedBy(limits: Limits): { readonly pids: boolean; readonly swap: boolean } {
  return { pids: limits.pids !== undefined && limits.pids <= 0, swap: limits.memorySwap === -1 };
}

async function applyLimits(
  context: ContainerContext,
  plan: {
    readonly facts: ContainerFacts;
    readonly groups: readonly CgroupSpec[];
    readonly controllers: readonly string[];
  },
): Promise<void> {
  const { facts, groups, controllers } = plan;
  const { v2Parent } = await context.cgroups();
  if (v2Parent && controllers.length > 0) await enableControllers(v2Parent, controllers);
  const present = facts.run?.cgroups ?? [];
  for (const group of groups) {
    const isNew = !present.includes(group.path) && !(await exists(group.path));
    if (isNew) await makeGroup(context, { facts, group });
    await writeLimits(group, facts.record.name);
    if (isNew) await moveInto(group.path, { from: present, name: facts.record.name });
  }
}

/** Known before it exists: whoever ends the container takes it along. */
async function makeGroup(
  context: ContainerContext,
  { facts, group }: { readonly facts: ContainerFacts; readonly group: CgroupSpec },
): Promise<void> {
  const { id } = facts.record;
  const run = await context.registry.readRun(id);
  if (run) {
    await context.registry.addGroup(id, group.path);
    await context.registry.writeRun(id, { ...run, cgroups: [...run.cgroups, group.path] });
  }
  await mkdir(group.path);
}

/** Of two limits that bound each other the one that would pass the other is written last: raised first, lowered last. */
async function writeLimits(group: CgroupSpec, name: string): Promise<void> {
  const left = [...group.writes];
  for (let round = 0; left.length > 0; round++) {
    const refused: (typeof left)[number][] = [];
    for (const write of left) {
      try {
        await writeFile(`${group.path}/${write.file}`, write.value);
      } catch (error) {
        if (write.optional) continue;
        refused.push(write);
        if (refused.length === left.length) throw cannotSet(write, { name, error });
      }
    }
    left.splice(0, left.length, ...refused);
    if (round > group.writes.length) return;
  }
}

/** Until none is left behind: a process may fork while it is moved. */
async function moveInto(
  group: string,
  { from, name }: { readonly from: readonly string[]; readonly name: string },
): Promise<void> {
  const [source] = from;
  if (source === undefined) throw noProcesses(name);
  const moved = new Set<string>();
  for (;;) {
    const pids = (await readFile(`${source}/cgroup.procs`, 'utf8')).split('\n').filter(pid => pid !== '');
    const fresh = pids.filter(pid => !moved.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      moved.add(pid);
      await writeFile(`${group}/cgroup.procs`, pid).catch(error => {
        if (!hasErrno(error, 'ESRCH')) throw error; // ended meanwhile
      });
    }
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function cannotSet(
  { file, value }: { readonly file: string; readonly value: string },
  { name, error }: { readonly name: string; readonly error: unknown },
): SampanError {
  const why = hasErrno(error, 'EBUSY') ? 'more than that is in use' : (error as Error).message;
  return new SampanError(
    'conflict',
    `The limit ${file} of the container ${name} cannot be set to ${value}: ${why}.`,
    {
      hint: 'Choose another value, or stop the container first.',
      cause: error,
    },
  );
}

function noProcesses(name: string): SampanError {
  return new SampanError(
    'limit-unenforceable',
    `The container ${name} has no cgroup by which its processes could be found: the limit counts from its next start.`,
    { hint: `Restart it: sampan restart ${name}` },
  );
}
