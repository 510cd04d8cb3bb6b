import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ExecSpec,
  MonitorSpec,
  ProcessIdentity,
  ProcessSpec,
} from '../../../server/engine/runtime/types.ts';
import type { Sandbox } from './sandbox.ts';

/** docker's default capabilities, numbers of capabilities(7). */
export const defaultCapabilities = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31];

/** A rootfs of nothing but busybox, made once per sandbox; the applets are links, as in the image. */
export function busyboxRootfs(sandbox: Sandbox): string {
  const directory = join(sandbox.base, 'busybox');
  try {
    mkdirSync(directory);
  } catch {
    return directory;
  }
  for (const name of ['bin', 'etc', 'tmp', 'root']) mkdirSync(join(directory, name));
  copyFileSync('/bin/busybox', join(directory, 'bin/busybox'));
  const applets =
    'sh cat echo sleep true false id env mount ls stat kill head wc tr dd seq yes grep readlink ps nc hostname mkfifo mknod mkdir stty df cp tail chmod touch umount unshare cut ip ping test printf pwd tty';
  for (const applet of applets.split(' ')) symlinkSync('busybox', join(directory, 'bin', applet));
  return directory;
}

export function processSpec(args: readonly string[], change: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    args,
    env: ['PATH=/bin'],
    cwd: '/',
    createCwd: false,
    uid: 0,
    gid: 0,
    groups: [],
    tty: false,
    capabilities: defaultCapabilities,
    noNewPrivileges: false,
    rlimits: [],
    ...change,
  };
}

export interface SpecChange extends Partial<Omit<MonitorSpec, 'process'>> {
  readonly process?: Partial<ProcessSpec>;
}

/** A container of its own folders that runs `args` on busybox; everything else is docker's default. */
export function monitorSpec(sandbox: Sandbox, args: readonly string[], change: SpecChange = {}): MonitorSpec {
  const directory = mkdtempSync(join(sandbox.base, 'c-'));
  const upper = join(directory, 'upper');
  const work = join(directory, 'work');
  mkdirSync(upper);
  mkdirSync(work);
  const { process: processChange, ...rest } = change;
  return {
    id: directory.slice(-6).padEnd(64, '0'),
    directory,
    runDirectory: join(sandbox.run, directory.slice(-8)),
    rootfs: { lowers: [busyboxRootfs(sandbox)], upper, work },
    readOnlyRootfs: false,
    process: processSpec(args, processChange),
    hostname: 'testhost',
    namespaces: { pid: 'private', ipc: 'private', uts: 'private', network: 'private', cgroup: 'private' },
    mounts: [],
    maskedPaths: [
      '/proc/kcore',
      '/proc/keys',
      '/proc/timer_list',
      '/proc/scsi',
      '/sys/firmware',
      '/proc/absent',
    ],
    readOnlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    shmSize: 64 << 20,
    sysctls: {},
    cgroups: [],
    network: undefined,
    ports: [],
    init: false,
    openStdin: false,
    stdinOnce: false,
    waitForAttach: true,
    log: { maxBytes: 10 << 20, maxFiles: 3 },
    seccompFilter: undefined,
    ...rest,
  };
}

let execs = 0;

/** One more process in a container, of a name of its own; everything else is docker's default. */
export function execSpec(
  container: { readonly process: ProcessIdentity; readonly runDirectory: string },
  args: readonly string[],
  change: Partial<Omit<ExecSpec, 'process'>> & { readonly process?: Partial<ProcessSpec> } = {},
): ExecSpec {
  const { process: processChange, ...rest } = change;
  return {
    container: container.process,
    runDirectory: container.runDirectory,
    name: `e${execs++}`,
    process: processSpec(args, processChange),
    openStdin: false,
    waitForAttach: true,
    cgroups: [],
    seccompFilter: undefined,
    ...rest,
  };
}

/** The change of a spec that shares every namespace with the holder. */
export const hostNamespaces: SpecChange = {
  namespaces: { pid: 'host', ipc: 'host', uts: 'host', network: 'host', cgroup: 'host' },
};
