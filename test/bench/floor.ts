import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Absent, Contender } from './harness.ts';
import type { Workspace } from './workspace.ts';

const native = join(import.meta.dirname, '../../native');
/** The helper's own thin calls for mounts and netlink: the floor is the kernel's time, not that of another encoding. */
const sources = ['init/network.c', 'core/netlink.c', 'core/mounts.c', 'core/failure.c'];

/** Nothing but namespaces, an overlay, /proc and exec; closes the workspace. */
export function bareFloor(workspace: Workspace): Contender | Absent {
  const floor = contender(workspace, { name: 'floor (C), bare', args: () => [] });
  return 'run' in floor ? { ...floor, close: async () => workspace.close() } : floor;
}

/**
 * All that a container of docker's has, as this host allows it: with the filter, and in a cgroup and on the bridge
 * beside those of the containers that Sampan started in the workspace before.
 */
export function dockerFloor(
  workspace: Workspace,
  { name, network }: { readonly name: string; readonly network: boolean },
): Contender | Absent {
  const parent = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find(one =>
    existsSync(join(one, 'cgroup.procs')),
  );
  return contender(workspace, {
    name,
    args: () => [
      '-d',
      ...filterOf(workspace),
      ...(parent ? ['-c', join(parent, `sampan-floor-${process.pid}`)] : []),
      ...(network ? networkOf(workspace) : []),
    ],
  });
}

function filterOf({ env }: Workspace): readonly string[] {
  const cache = join(env.SAMPAN_ROOT ?? '', 'cache');
  const filter = readdirSync(cache).find(name => /^seccomp-.*\.bpf$/.test(name));
  return filter ? ['-s', join(cache, filter)] : [];
}

/** An address that leases, which begin at the gateway, reach after two thousand runs. */
function networkOf({ env }: Workspace): readonly string[] {
  const path = join(env.SAMPAN_ROOT ?? '', 'networks/bridge/record.json');
  const { bridge, gateway, subnet } = JSON.parse(readFileSync(path, 'utf8'));
  const [a, b, c] = gateway.split('.');
  return ['-b', bridge, '-a', `${a}.${b}.${Number(c) + 9}.254/${subnet.split('/')[1]}`, '-g', gateway];
}

/** The C program measures itself, so that starting it does not count. */
function contender(
  workspace: Workspace,
  { name, args }: { readonly name: string; readonly args: () => readonly string[] },
): Contender | Absent {
  const program = join(workspace.folder, 'floor');
  if (!existsSync(program)) {
    const includes = [`-I${native}`, `-I${join(native, 'init')}`];
    const files = [join(import.meta.dirname, 'floor.c'), ...sources.map(source => join(native, source))];
    try {
      execFileSync('cc', ['-O2', '-D_GNU_SOURCE', ...includes, '-o', program, ...files]);
    } catch (error) {
      return { name, reason: String(error) };
    }
  }
  const scratch = join(workspace.folder, 'floor-scratch', name.replaceAll(/\W+/g, '-'));
  mkdirSync(scratch, { recursive: true });
  let round = 0;
  return {
    name,
    run: async () => {
      round += 1;
      const folder = join(scratch, String(round));
      mkdirSync(folder);
      const command = [...args(), workspace.rootfs, folder, '1', '/bin/true'];
      const result = spawnSync(program, command, { encoding: 'utf8' });
      if (result.status !== 0) throw new Error(`${name} ended with ${result.status}: ${result.stderr}`);
      return Number(result.stdout);
    },
  };
}
