import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { SampanError } from '../../common/errors.ts';
import { hasErrno } from '../store/failure.ts';
import { type CgroupHierarchy, type CgroupHost, parseCgroupHost } from './cgroupHost.ts';
import { ancestors, type CgroupAccess } from './cgroups.ts';

/** The cgroup layout of this host. Reads two files of /proc. */
export async function readCgroupHost(): Promise<CgroupHost> {
  const [mountinfo, membership] = await Promise.all([
    text('/proc/self/mountinfo'),
    text('/proc/self/cgroup'),
  ]);
  return parseCgroupHost(mountinfo, membership);
}

/**
 * What this process may do with the host's cgroups. As root groups go below the roots of the hierarchies, as
 * docker's do; a user gets the topmost group of its own branch that was delegated to it. Nothing is changed.
 */
export async function probeCgroups(host: CgroupHost): Promise<CgroupAccess> {
  const v1Parents: { [controller: string]: string } = {};
  await Promise.all(
    host.v1.map(async hierarchy => {
      const parent = await topmostWritable(hierarchy);
      if (parent) for (const controller of hierarchy.controllers) v1Parents[controller] = parent;
    }),
  );
  const v2Parent = host.v2 && (await usableParent(host.v2));
  const memory = v1Parents.memory;
  return {
    host,
    v1Parents,
    v2Parent,
    v2Controllers: v2Parent ? words(await text(`${v2Parent}/cgroup.controllers`)) : [],
    swapAccounting: await accountsSwap(memory, host),
    v1Cpuset: {
      cpus: (await text(`${v1Parents.cpuset}/cpuset.cpus`)).trim(),
      mems: (await text(`${v1Parents.cpuset}/cpuset.mems`)).trim(),
    },
  };
}

async function topmostWritable(hierarchy: CgroupHierarchy): Promise<string | undefined> {
  const usable = await Promise.all(
    ancestors(hierarchy).map(async path =>
      (await writable(path)) && (await writable(`${path}/cgroup.procs`)) ? path : '',
    ),
  );
  const end = usable.indexOf('');
  return usable.slice(0, end < 0 ? undefined : end).at(-1);
}

/** Below a threaded group no group can hold whole processes (cgroups(7), "Thread mode"). */
async function usableParent(hierarchy: CgroupHierarchy): Promise<string | undefined> {
  const parent = await topmostWritable(hierarchy);
  if (parent === undefined) return undefined;
  return /threaded|invalid/.test(await text(`${parent}/cgroup.type`)) ? undefined : parent;
}

/** Group for the processes that were in the parent when a controller was first needed below it. */
const restGroup = 'sampan-rest';
const evacuationRounds = 20;

/**
 * Switch controllers on for the groups below `parent`. A group other than the root may not hold processes and
 * pass controllers on at once (cgroups(7), "no internal processes"), so that its processes move into a group
 * beside the containers; cpu and pids would be accepted without, but make every group below unusable.
 *
 * @throws SampanError `limit-unenforceable`
 */
export async function enableControllers(parent: string, controllers: readonly string[]): Promise<void> {
  const on = words(await text(`${parent}/cgroup.subtree_control`));
  const missing = controllers.filter(controller => !on.includes(controller));
  if (missing.length === 0) return;
  try {
    if (await exists(`${parent}/cgroup.type`)) await evacuate(parent);
    await writeFile(
      `${parent}/cgroup.subtree_control`,
      missing.map(controller => `+${controller}`).join(' '),
    );
  } catch (cause) {
    throw new SampanError(
      'limit-unenforceable',
      `The controllers ${missing.join(', ')} cannot be switched on in ${parent}: ${(cause as Error).message}.`,
      {
        hint: 'Leave the limit out, or start Sampan in a cgroup of its own (systemd-run --user --scope -p Delegate=yes).',
        cause,
      },
    );
  }
}

async function evacuate(parent: string): Promise<void> {
  const rest = `${parent}/${restGroup}`;
  for (let round = 0; round < evacuationRounds; round++) {
    const pids = words(await text(`${parent}/cgroup.procs`));
    if (pids.length === 0) return;
    await mkdir(rest, { recursive: true });
    for (const pid of pids)
      await writeFile(`${rest}/cgroup.procs`, pid).catch(error => {
        if (!hasErrno(error, 'ESRCH')) throw error; // ended meanwhile
      });
  }
}

async function accountsSwap(memory: string | undefined, host: CgroupHost): Promise<boolean> {
  if (memory) return exists(`${memory}/memory.memsw.limit_in_bytes`);
  return host.v2 !== undefined && (await exists('/proc/swaps'));
}

async function writable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function words(list: string): string[] {
  return list.split(/\s+/).filter(word => word !== '');
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
