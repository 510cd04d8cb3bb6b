import { resolve } from 'node:path';
import type { ContainerOptions, Healthcheck, Limits, NamespaceModes } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import type { Flags, FlagValues } from '../flags.ts';
import { readMount, readTmpfs, readVolume } from './mounts.ts';
import { readExpose, readPublish } from './ports.ts';
import { refuseUnsupported, unsupportedFlags } from './unsupported.ts';
import {
  environmentOf,
  readAddress,
  readDuration,
  readExtraHost,
  readInteger,
  readLabels,
  readLink,
  readNumber,
  readPairs,
  readRestart,
  readSize,
  readSizeOrUnlimited,
  readUlimit,
} from './values.ts';

/** The flags that `create` and `run` share. */
export const containerFlags = {
  'add-host': { kind: 'list', help: 'Add a custom host-to-IP mapping (host:ip)' },
  attach: { kind: 'list', short: 'a', help: 'Attach to STDIN, STDOUT or STDERR' },
  'cap-add': { kind: 'list', help: 'Add Linux capabilities' },
  'cap-drop': { kind: 'list', help: 'Drop Linux capabilities' },
  cgroupns: { kind: 'string', help: "Cgroup namespace to use (host|private): 'host' or 'private' (default)" },
  cidfile: { kind: 'string', help: 'Write the container ID to the file' },
  'cpu-shares': { kind: 'string', short: 'c', value: 'int', help: 'CPU shares (relative weight)' },
  cpus: { kind: 'string', value: 'decimal', help: 'Number of CPUs' },
  'cpuset-cpus': { kind: 'string', help: 'CPUs in which to allow execution (0-3, 0,1)' },
  'cpuset-mems': { kind: 'string', help: 'MEMs in which to allow execution (0-3, 0,1)' },
  dns: { kind: 'list', help: 'Set custom DNS servers' },
  'dns-option': { kind: 'list', help: 'Set DNS options' },
  'dns-opt': { kind: 'list', hidden: true, help: '' },
  'dns-search': { kind: 'list', help: 'Set custom DNS search domains' },
  entrypoint: { kind: 'string', help: 'Overwrite the default ENTRYPOINT of the image' },
  env: { kind: 'list', short: 'e', help: 'Set environment variables' },
  'env-file': { kind: 'list', help: 'Read in a file of environment variables' },
  expose: { kind: 'list', help: 'Expose a port or a range of ports' },
  'group-add': { kind: 'list', help: 'Add additional groups to join' },
  'health-cmd': { kind: 'string', help: 'Command to run to check health' },
  'health-interval': {
    kind: 'string',
    value: 'duration',
    help: 'Time between running the check (ms|s|m|h) (default 0s)',
  },
  'health-retries': { kind: 'string', value: 'int', help: 'Consecutive failures needed to report unhealthy' },
  'health-start-interval': {
    kind: 'string',
    value: 'duration',
    help: 'Time between running the check during the start period (ms|s|m|h) (default 0s)',
  },
  'health-start-period': {
    kind: 'string',
    value: 'duration',
    help: 'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)',
  },
  'health-timeout': {
    kind: 'string',
    value: 'duration',
    help: 'Maximum time to allow one check to run (ms|s|m|h) (default 0s)',
  },
  'no-healthcheck': { kind: 'boolean', help: 'Disable any container-specified HEALTHCHECK' },
  hostname: { kind: 'string', short: 'h', help: 'Container host name' },
  init: {
    kind: 'boolean',
    help: 'Run an init inside the container that forwards signals and reaps processes',
  },
  interactive: { kind: 'boolean', short: 'i', help: 'Keep STDIN open even if not attached' },
  ipc: { kind: 'string', help: 'IPC mode to use' },
  label: { kind: 'list', short: 'l', help: 'Set meta data on a container' },
  'label-file': { kind: 'list', help: 'Read in a line delimited file of labels' },
  link: { kind: 'list', help: 'Add link to another container' },
  memory: { kind: 'string', short: 'm', value: 'bytes', help: 'Memory limit' },
  'memory-reservation': { kind: 'string', value: 'bytes', help: 'Memory soft limit' },
  'memory-swap': {
    kind: 'string',
    value: 'bytes',
    help: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap",
  },
  mount: { kind: 'list', value: 'mount', help: 'Attach a filesystem mount to the container' },
  name: { kind: 'string', help: 'Assign a name to the container' },
  network: { kind: 'string', value: 'network', help: 'Connect a container to a network' },
  net: { kind: 'string', hidden: true, help: '' },
  'network-alias': { kind: 'list', help: 'Add network-scoped alias for the container' },
  'net-alias': { kind: 'list', hidden: true, help: '' },
  'oom-score-adj': { kind: 'string', value: 'int', help: "Tune host's OOM preferences (-1000 to 1000)" },
  pid: { kind: 'string', help: 'PID namespace to use' },
  'pids-limit': { kind: 'string', value: 'int', help: 'Tune container pids limit (set -1 for unlimited)' },
  platform: { kind: 'string', help: 'Set platform if the image has several' },
  publish: { kind: 'list', short: 'p', help: "Publish a container's port(s) to the host" },
  'publish-all': { kind: 'boolean', short: 'P', help: 'Publish all exposed ports to random ports' },
  pull: { kind: 'string', help: 'Pull image before creating ("always", "missing", "never")' },
  quiet: { kind: 'boolean', short: 'q', help: 'Suppress the pull output' },
  'read-only': { kind: 'boolean', help: "Mount the container's root filesystem as read only" },
  restart: { kind: 'string', help: 'Restart policy to apply when a container exits (default "no")' },
  rm: { kind: 'boolean', help: 'Remove the container and its anonymous volumes when it exits' },
  'security-opt': { kind: 'list', help: 'Security options' },
  'shm-size': { kind: 'string', value: 'bytes', help: 'Size of /dev/shm' },
  'stop-signal': { kind: 'string', help: 'Signal to stop the container' },
  'stop-timeout': { kind: 'string', value: 'int', help: 'Timeout (in seconds) to stop a container' },
  sysctl: { kind: 'list', value: 'map', help: 'Sysctl options' },
  tmpfs: { kind: 'list', help: 'Mount a tmpfs directory' },
  tty: { kind: 'boolean', short: 't', help: 'Allocate a pseudo-TTY' },
  ulimit: { kind: 'list', value: 'ulimit', help: 'Ulimit options' },
  uts: { kind: 'string', help: 'UTS namespace to use' },
  user: { kind: 'string', short: 'u', help: 'Username or UID (format: <name|uid>[:<group|gid>])' },
  volume: { kind: 'list', short: 'v', help: 'Bind mount a volume' },
  'volumes-from': { kind: 'list', help: 'Mount volumes from the specified container(s)' },
  workdir: { kind: 'string', short: 'w', help: 'Working directory inside the container' },
  ...unsupportedFlags,
} as const satisfies Flags;

export type ContainerFlags = FlagValues<typeof containerFlags>;

/** What `create` is asked for. Reads env and label files. Throws usage failures for values that are wrong. */
export async function containerOptions(
  flags: ContainerFlags,
  [image = '', ...command]: readonly string[],
  caller: { readonly directory: string; readonly environment: NodeJS.ProcessEnv },
): Promise<ContainerOptions> {
  refuseUnsupported(flags);
  const env = await environmentOf({
    values: flags.env,
    files: flags['env-file'],
    environment: caller.environment,
  });
  const labels = await readLabels(flags.label, flags['label-file']);
  return withoutUndefined({
    image,
    name: flags.name,
    command: command.length === 0 ? undefined : command,
    entrypoint:
      flags.entrypoint === undefined ? undefined : flags.entrypoint === '' ? [] : [flags.entrypoint],
    env,
    labels,
    workingDir: flags.workdir,
    user: flags.user,
    groupAdd: flags['group-add'],
    hostname: flags.hostname,
    tty: flags.tty,
    openStdin: flags.interactive,
    init: flags.init,
    readOnly: flags['read-only'],
    autoRemove: flags.rm,
    mounts: [
      ...flags.volume.map(text => readVolume(text, caller.directory)),
      ...flags.mount.map(text => readMount(text, caller.directory)),
      ...flags.tmpfs.map(readTmpfs),
    ],
    volumesFrom: flags['volumes-from'],
    ports: flags.publish.flatMap(readPublish),
    publishAll: flags['publish-all'],
    expose: flags.expose.flatMap(readExpose),
    network: flags.network ?? flags.net,
    networkAliases: [...flags['network-alias'], ...flags['net-alias']],
    links: flags.link.map(readLink),
    extraHosts: flags['add-host'].map(readExtraHost),
    dns: flags.dns.map(readAddress),
    dnsSearch: flags['dns-search'],
    dnsOptions: [...flags['dns-option'], ...flags['dns-opt']],
    limits: limitsOf(flags),
    namespaces: namespacesOf(flags),
    oomScoreAdj: optional(flags['oom-score-adj'], text => readInteger(text, '--oom-score-adj')),
    healthcheck: healthOf(flags),
    restart: optional(flags.restart, readRestart),
    // docker warns and goes on where the host cannot enforce a limit.
    allowUnenforced: true,
    capAdd: flags['cap-add'],
    capDrop: flags['cap-drop'],
    securityOpt: flags['security-opt'].map(text => securityOption(text, caller.directory)),
    stopSignal: flags['stop-signal'],
    stopTimeout: optional(flags['stop-timeout'], text => readInteger(text, '--stop-timeout')),
    shmSize: optional(flags['shm-size'], text => readSize(text, '--shm-size')),
    ulimits: flags.ulimit.map(readUlimit),
    sysctls: readPairs(flags.sysctl, 'sysctl'),
  });
}

/** docker's `--pull` of `run` and `create`. */
export function pullPolicy(flags: ContainerFlags): 'missing' | 'always' | 'never' {
  const { pull } = flags;
  if (pull === undefined || pull === '' || pull === 'missing') return 'missing';
  if (pull === 'always' || pull === 'never') return pull;
  throw usageFailure(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
}

/** Undefined when all are the container's own. */
function namespacesOf({ pid, ipc, uts, cgroupns }: ContainerFlags): NamespaceModes | undefined {
  const modes = withoutUndefined({ pid, ipc, uts, cgroup: cgroupns });
  return Object.keys(modes).length > 0 ? modes : undefined;
}

/** docker's `--health-*` (docker/cli: cli/command/container/opts.go); undefined when none is given. */
function healthOf(flags: ContainerFlags): Healthcheck | undefined {
  const time = (name: keyof ContainerFlags & `health-${string}`) =>
    optional(flags[name], text => readDuration(text, `--${name}`));
  const given = withoutUndefined({
    Test: flags['health-cmd'] ? ['CMD-SHELL', flags['health-cmd']] : undefined,
    Interval: time('health-interval'),
    Timeout: time('health-timeout'),
    StartPeriod: time('health-start-period'),
    StartInterval: time('health-start-interval'),
    Retries: optional(flags['health-retries'], text => readInteger(text, '--health-retries')),
  });
  const isGiven = Object.keys(given).length > 0;
  if (!flags['no-healthcheck']) return isGiven ? given : undefined;
  if (isGiven) throw usageFailure('--no-healthcheck conflicts with --health-* options');
  return { Test: ['NONE'] };
}

/** The flags of limits, which `update` has too. */
export type LimitFlags = Pick<
  ContainerFlags,
  | 'memory'
  | 'memory-swap'
  | 'memory-reservation'
  | 'cpus'
  | 'cpu-shares'
  | 'cpuset-cpus'
  | 'cpuset-mems'
  | 'pids-limit'
>;

export function limitsOf(flags: LimitFlags): Limits {
  return withoutUndefined({
    memory: optional(flags.memory, text => readSize(text, '-m, --memory')),
    memorySwap: optional(flags['memory-swap'], text => readSizeOrUnlimited(text, '--memory-swap')),
    memoryReservation: optional(flags['memory-reservation'], text => readSize(text, '--memory-reservation')),
    cpus: optional(flags.cpus, text => readNumber(text, '--cpus')),
    cpuShares: optional(flags['cpu-shares'], text => readInteger(text, '-c, --cpu-shares')),
    cpusetCpus: flags['cpuset-cpus'],
    cpusetMems: flags['cpuset-mems'],
    pids: optional(flags['pids-limit'], text => readInteger(text, '--pids-limit')),
  });
}

/** A seccomp profile is named relative to the caller's folder. */
function securityOption(text: string, directory: string): string {
  const match = /^seccomp[=:](.*)$/.exec(text);
  const profile = match?.[1];
  if (profile === undefined || profile === 'unconfined' || profile === 'builtin') return text;
  return `seccomp=${resolve(directory, profile)}`;
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** An object without the keys that are undefined, as `exactOptionalPropertyTypes` wants it. */
function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
