import { SampanError } from '../../common/errors.ts';
import type { CgroupSpec } from '../runtime/types.ts';
import type { CgroupHierarchy, CgroupHost } from './cgroupHost.ts';
import { type CheckedLimits, cpuPeriod, cpuWeight } from './limits.ts';

/** What this process may do with the host's cgroups. */
export interface CgroupAccess {
  readonly host: CgroupHost;
  /** v1 controller to the directory below which groups may be made. */
  readonly v1Parents: { readonly [controller: string]: string };
  /** v2 directory below which groups may be made; undefined when nothing is delegated. */
  readonly v2Parent: string | undefined;
  /** Controllers that groups below `v2Parent` have, or can have once they are switched on. */
  readonly v2Controllers: readonly string[];
  /** The host counts swap: `memory.memsw.*` or `memory.swap.max` exists. */
  readonly swapAccounting: boolean;
  /** The kernel's own cpuset of `v1Parents.cpuset`: both files must be filled before a process may enter. */
  readonly v1Cpuset: { readonly cpus: string; readonly mems: string };
}

export interface CgroupPlan {
  readonly groups: readonly CgroupSpec[];
  /** v2 controllers that must be on in the parent before the groups are made. */
  readonly controllers: readonly string[];
  /** Sentences about limits that this host does not enforce. */
  readonly warnings: readonly string[];
}

interface Wish {
  readonly option: string;
  readonly controller: string;
  readonly v1: readonly Write[];
  readonly v2: readonly Write[];
}

type Write = CgroupSpec['writes'][number];

/**
 * Limits as groups to make. On v1 only hierarchies that carry a limit are touched (each costs 0.1 ms); a v2
 * group is made wherever possible, because it kills and freezes a container as a whole, on hybrid hosts too.
 *
 * @throws SampanError `limit-unenforceable` naming the option, unless `allowUnenforced`
 */
export function planCgroups(
  limits: CheckedLimits,
  options: {
    readonly name: string;
    readonly access: CgroupAccess;
    readonly allowUnenforced: boolean;
    /** Limits that groups may have from before and are to forget. */
    readonly lifted?: Lifted;
  },
): CgroupPlan {
  const { access, name } = options;
  const v1 = new Map<string, Write[]>();
  const v2: Write[] = [];
  const controllers = new Set<string>();
  const missing: Wish[] = [];
  const wanted = [...wishes(limits, access), ...(options.lifted ? forgetting(options.lifted) : [])];
  for (const wish of wanted) {
    const parent = access.v1Parents[wish.controller];
    if (wish.v2.length > 0 && access.v2Controllers.includes(wish.controller)) {
      v2.push(...wish.v2);
      controllers.add(wish.controller);
    } else if (wish.v1.length > 0 && parent) v1.set(parent, [...(v1.get(parent) ?? []), ...wish.v1]);
    else missing.push(wish);
  }
  if (missing.length > 0 && !options.allowUnenforced) throw unenforceable(missing, access);
  const groups = [...v1].map(([parent, writes]) => group(parent, { name, writes }));
  if (access.v2Parent) groups.push(group(access.v2Parent, { name, writes: v2 }));
  // Without a v2 group it takes a hierarchy of its own to pause a container.
  else if (access.v1Parents.freezer && !v1.has(access.v1Parents.freezer))
    groups.push(group(access.v1Parents.freezer, { name, writes: [] }));
  return {
    groups,
    controllers: [...controllers],
    warnings: missing.map(wish => `${reason(wish, access)} The limit is discarded.`),
  };
}

/** The name of a container's groups. */
export function groupName(id: string): string {
  return `sampan-${id}`;
}

/** Every group that a container can have. */
export function possibleGroups(id: string, access: CgroupAccess): readonly string[] {
  const parents = new Set([...Object.values(access.v1Parents), access.v2Parent]);
  return [...parents].flatMap(parent => (parent === undefined ? [] : [`${parent}/${groupName(id)}`]));
}

function group(parent: string, { name, writes }: { name: string; writes: readonly Write[] }): CgroupSpec {
  return { path: `${parent}/${name}`, writes, enter: true };
}

function wishes(limits: CheckedLimits, access: CgroupAccess): readonly Wish[] {
  const list: Wish[] = [];
  const add = (option: string, controller: string, writes: { v1: readonly Write[]; v2: readonly Write[] }) =>
    list.push({ option, controller, ...writes });
  if (limits.memory) {
    const value = String(limits.memory);
    add('--memory', 'memory', {
      v1: [{ file: 'memory.limit_in_bytes', value }],
      v2: [{ file: 'memory.max', value }],
    });
    list.push(...swapWishes(limits, limits.memory, access));
  }
  if (limits.memoryReservation) {
    const value = String(limits.memoryReservation);
    add('--memory-reservation', 'memory', {
      v1: [{ file: 'memory.soft_limit_in_bytes', value }],
      v2: [{ file: 'memory.low', value }],
    });
  }
  if (limits.cpuQuota) {
    add('--cpus', 'cpu', {
      v1: [
        { file: 'cpu.cfs_period_us', value: String(cpuPeriod) },
        { file: 'cpu.cfs_quota_us', value: String(limits.cpuQuota) },
      ],
      v2: [{ file: 'cpu.max', value: `${limits.cpuQuota} ${cpuPeriod}` }],
    });
  }
  if (limits.cpuShares) {
    add('--cpu-shares', 'cpu', {
      v1: [{ file: 'cpu.shares', value: String(limits.cpuShares) }],
      v2: [{ file: 'cpu.weight', value: String(cpuWeight(limits.cpuShares)) }],
    });
  }
  if (limits.cpusetCpus || limits.cpusetMems) list.push(cpusetWish(limits, access));
  if (limits.pids) {
    const write = [{ file: 'pids.max', value: String(limits.pids) }];
    add('--pids-limit', 'pids', { v1: write, v2: write });
  }
  return list;
}

/** Without swap accounting docker's implied limit is dropped silently; one that was asked for is not. */
function swapWishes(limits: CheckedLimits, memory: number, access: CgroupAccess): readonly Wish[] {
  const swap = limits.memorySwap;
  if (swap === undefined || swap === 'max') return [];
  if (!access.swapAccounting) {
    if (limits.memorySwapImplied) return [];
    return [{ option: '--memory-swap', controller: 'memory', v1: [], v2: [] }];
  }
  return [
    {
      option: '--memory-swap',
      controller: 'memory',
      v1: [{ file: 'memory.memsw.limit_in_bytes', value: String(swap) }],
      v2: [{ file: 'memory.swap.max', value: String(swap - memory), optional: limits.memorySwapImplied }],
    },
  ];
}

/** Limits to be taken away. */
export interface Lifted {
  readonly pids: boolean;
  readonly swap: boolean;
}

function forgetting({ pids, swap }: Lifted): readonly Wish[] {
  const none = (option: string, controller: string, v1: Write, v2: Write): Wish => ({
    option,
    controller,
    v1: [v1],
    v2: [v2],
  });
  const max = (file: string): Write => ({ file, value: 'max' });
  const unlimited = { file: 'memory.memsw.limit_in_bytes', value: '-1' };
  return [
    ...(pids ? [none('--pids-limit', 'pids', max('pids.max'), max('pids.max'))] : []),
    ...(swap ? [none('--memory-swap', 'memory', unlimited, max('memory.swap.max'))] : []),
  ];
}

function cpusetWish(limits: CheckedLimits, access: CgroupAccess): Wish {
  const { cpusetCpus: cpus, cpusetMems: mems } = limits;
  return {
    option: '--cpuset',
    controller: 'cpuset',
    v1: [
      { file: 'cpuset.cpus', value: cpus ?? access.v1Cpuset.cpus },
      { file: 'cpuset.mems', value: mems ?? access.v1Cpuset.mems },
    ],
    v2: [
      ...(cpus ? [{ file: 'cpuset.cpus', value: cpus }] : []),
      ...(mems ? [{ file: 'cpuset.mems', value: mems }] : []),
    ],
  };
}

function unenforceable(missing: readonly Wish[], access: CgroupAccess): SampanError {
  return new SampanError('limit-unenforceable', missing.map(wish => reason(wish, access)).join(' '), {
    hint:
      'Leave the limit out, or have the controller delegated: ' +
      'with systemd, a session of user@.service with Delegate=yes; otherwise run as root.',
    detail: { options: missing.map(wish => wish.option) },
  });
}

function reason(wish: Wish, access: CgroupAccess): string {
  const where = access.host.version === 'none' ? 'no cgroups are mounted' : `cgroup ${access.host.version}`;
  if (wish.v1.length === 0 && wish.v2.length === 0)
    return `This host cannot enforce ${wish.option}: the kernel does not account swap.`;
  return `This host cannot enforce ${wish.option}: the ${wish.controller} controller is not available to this user (${where}).`;
}

/**
 * The directories of a hierarchy from a process's own group up to the mount point: where a group may be made,
 * if the process may write there.
 */
export function ancestors(hierarchy: CgroupHierarchy): readonly string[] {
  const result: string[] = [];
  for (
    let path = hierarchy.own;
    path.startsWith(hierarchy.mountPoint);
    path = path.slice(0, path.lastIndexOf('/'))
  )
    result.push(path);
  return result;
}
