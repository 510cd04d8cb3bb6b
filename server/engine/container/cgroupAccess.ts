import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { type CgroupHierarchy, type CgroupHost, parseCgroupHost } from './cgroupHost.ts';
import { ancestors, type CgroupAccess } from './cgroups.ts';

/** Controllers that limits need. */
const wanted = ['memory', 'cpu', 'cpuset', 'pids'];

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
 * docker's do; a user gets the topmost group of its own branch that was delegated to it. Controllers that the
 * parent has but does not pass on are switched on.
 */
export async function probeCgroups(host: CgroupHost): Promise<CgroupAccess> {
  const v1Parents: { [controller: string]: string } = {};
  await Promise.all(
    host.v1.map(async hierarchy => {
      const parent = await topmostWritable(hierarchy);
      if (parent) for (const controller of hierarchy.controllers) v1Parents[controller] = parent;
    }),
  );
  const v2Parent = host.v2 && (await topmostWritable(host.v2));
  const memory = v1Parents.memory;
  return {
    host,
    v1Parents,
    v2Parent,
    v2Controllers: v2Parent ? await enableControllers(v2Parent) : [],
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

async function enableControllers(parent: string): Promise<readonly string[]> {
  const offered = words(await text(`${parent}/cgroup.controllers`));
  const passed = words(await text(`${parent}/cgroup.subtree_control`));
  for (const controller of wanted.filter(name => offered.includes(name) && !passed.includes(name))) {
    try {
      await writeFile(`${parent}/cgroup.subtree_control`, `+${controller}`);
      passed.push(controller);
    } catch {
      // EBUSY: the parent holds processes itself (cgroups(7), no internal processes): not available then.
    }
  }
  return passed;
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
