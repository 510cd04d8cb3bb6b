import type { ContainerInfo, ContainerOptions, MountOption } from '../../protocol/types.ts';
import { portBindings } from './container.ts';

/** docker's HostConfig: what was asked for, in its names and units. */
export function hostConfig({ options, network }: ContainerInfo): object {
  const mounts = options.mounts ?? [];
  return {
    Binds: bindsOf(mounts),
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    NetworkMode: options.network ?? network.name,
    PortBindings: portBindings(options.ports ?? []),
    RestartPolicy: {
      Name: options.restart?.name ?? 'no',
      MaximumRetryCount: options.restart?.maximumRetries ?? 0,
    },
    AutoRemove: options.autoRemove ?? false,
    VolumeDriver: '',
    VolumesFrom: orNull(options.volumesFrom),
    CapAdd: orNull(options.capAdd),
    CapDrop: orNull(options.capDrop),
    CgroupnsMode: options.namespaces?.cgroup || 'private',
    Dns: options.dns ?? [],
    DnsOptions: options.dnsOptions ?? [],
    DnsSearch: options.dnsSearch ?? [],
    ExtraHosts: orNull(options.extraHosts),
    GroupAdd: orNull(options.groupAdd),
    IpcMode: options.namespaces?.ipc || 'private',
    Links: orNull((options.links ?? []).map(({ container, alias }) => `${container}:${alias}`)),
    OomScoreAdj: options.oomScoreAdj ?? 0,
    PidMode: options.namespaces?.pid ?? '',
    Privileged: false,
    PublishAllPorts: options.publishAll ?? false,
    ReadonlyRootfs: options.readOnly ?? false,
    SecurityOpt: orNull(options.securityOpt),
    ...(mounts.some(({ type }) => type === 'tmpfs') ? { Tmpfs: tmpfsOf(mounts) } : {}),
    UTSMode: options.namespaces?.uts ?? '',
    UsernsMode: '',
    ShmSize: options.shmSize ?? 67108864,
    ...(Object.keys(options.sysctls ?? {}).length > 0 ? { Sysctls: options.sysctls } : {}),
    Runtime: 'sampan',
    Isolation: '',
    ...resources(options),
    Init: options.init ?? false,
  };
}

function resources({ limits = {}, ulimits = [] }: ContainerOptions): object {
  const memory = limits.memory ?? 0;
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: memory,
    NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
    CgroupParent: '',
    CpuPeriod: 0,
    CpuQuota: 0,
    CpusetCpus: limits.cpusetCpus ?? '',
    CpusetMems: limits.cpusetMems ?? '',
    Devices: [],
    MemoryReservation: limits.memoryReservation ?? 0,
    // docker: without a limit of its own, memory plus swap is twice the memory.
    MemorySwap: limits.memorySwap ?? memory * 2,
    OomKillDisable: null,
    PidsLimit: limits.pids ?? null,
    Ulimits: ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  };
}

/** The mounts that `-v` can say, in its form. */
function bindsOf(mounts: readonly MountOption[]): string[] | null {
  const binds = mounts.flatMap(({ type, source, target, readOnly }) =>
    type === 'tmpfs' || source === undefined ? [] : [`${source}:${target}${readOnly ? ':ro' : ''}`],
  );
  return orNull(binds);
}

function tmpfsOf(mounts: readonly MountOption[]): { [target: string]: string } {
  const entries = mounts.filter(({ type }) => type === 'tmpfs');
  return Object.fromEntries(entries.map(({ target, options }) => [target, options.join(',')]));
}

function orNull<T>(list: readonly T[] | undefined): T[] | null {
  return list === undefined || list.length === 0 ? null : [...list];
}
