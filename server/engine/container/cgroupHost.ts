/** One mounted cgroup hierarchy. Paths are absolute host paths. */
export interface CgroupHierarchy {
  /** v1 controllers (`memory`, `cpu`); [] for v2. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The group of this process below the mount point. */
  readonly own: string;
}

/** The cgroups of a host as values: what its mount table and this process's membership say. */
export interface CgroupHost {
  readonly version: 'v1' | 'v2' | 'hybrid' | 'none';
  readonly v1: readonly CgroupHierarchy[];
  readonly v2: CgroupHierarchy | undefined;
}

/**
 * Read the layout from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)) and /proc/self/cgroup
 * (cgroups(7)). A v2 hierarchy beside v1 ones is *hybrid*.
 */
export function parseCgroupHost(mountinfo: string, membership: string): CgroupHost {
  const own = parseMembership(membership);
  const v1: CgroupHierarchy[] = [];
  let v2: CgroupHierarchy | undefined;
  for (const mount of mountinfo.split('\n').flatMap(parseMount)) {
    const controllers = mount.type === 'cgroup' ? mount.controllers : [];
    const group = mount.type === 'cgroup2' ? own.get('') : own.get(controllers[0] ?? '');
    const hierarchy = { controllers, mountPoint: mount.point, own: below(mount, group ?? '/') };
    if (mount.type === 'cgroup2') v2 ??= hierarchy;
    else if (controllers.length > 0) v1.push(hierarchy);
  }
  const version = v2 ? (v1.length > 0 ? 'hybrid' : 'v2') : v1.length > 0 ? 'v1' : 'none';
  return { version, v1, v2 };
}

interface Mount {
  readonly type: 'cgroup' | 'cgroup2';
  readonly root: string;
  readonly point: string;
  readonly controllers: readonly string[];
}

/** Options of a v1 superblock that are no controllers. */
const superOptions = /^(?:rw|ro|name=.*|xattr|clone_children|noprefix|release_agent=.*)$/;

function parseMount(line: string): readonly Mount[] {
  const [left, right] = line.split(' - ');
  const [type, , options] = (right ?? '').split(' ');
  const fields = (left ?? '').split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  const controllers = (options ?? '').split(',').filter(option => !superOptions.test(option));
  return [{ type, root: decodeOctal(fields[3] ?? '/'), point: decodeOctal(fields[4] ?? ''), controllers }];
}

/** Spaces and the like are octal in mountinfo. */
function decodeOctal(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Controller to group path; the v2 line has the empty name. */
function parseMembership(text: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    for (const name of match?.[1]?.split(',') ?? []) result.set(name, match?.[2] ?? '/');
  }
  return result;
}

/** A group's place below a mount that may show only a part of the hierarchy, as inside a container. */
function below(mount: Mount, group: string): string {
  const inside =
    mount.root === '/'
      ? group
      : group === mount.root || group.startsWith(`${mount.root}/`)
        ? group.slice(mount.root.length)
        : '/';
  return inside === '/' || inside === '' ? mount.point : mount.point + inside;
}
