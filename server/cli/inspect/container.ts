import { join } from 'node:path';
import type { ContainerInfo, PublishedPort } from '../../protocol/types.ts';
import { hostConfig } from './hostConfig.ts';

const never = '0001-01-01T00:00:00Z';

/** A container as `docker inspect` shows it (moby: api/types/container, InspectResponse). */
export function containerDocument(container: ContainerInfo): object {
  const { options, args } = container;
  return {
    Id: container.id,
    Created: container.createdAt,
    Path: args[0] ?? '',
    Args: args.slice(1),
    State: stateOf(container),
    Image: container.image.id,
    ResolvConfPath: join(container.directory, 'resolv.conf'),
    HostnamePath: join(container.directory, 'hostname'),
    HostsPath: join(container.directory, 'hosts'),
    LogPath: join(container.directory, 'log'),
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfig(container),
    GraphDriver: { Data: null, Name: 'overlay' },
    Mounts: container.mounts.map(mountDocument),
    Config: configOf(container, options),
    NetworkSettings: networkSettings(container),
  };
}

function stateOf(container: ContainerInfo): object {
  const { status } = container;
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: container.oomKilled ?? false,
    Dead: status === 'dead',
    Pid: status === 'running' || status === 'paused' ? (container.pid ?? 0) : 0,
    ExitCode: container.exitCode ?? 0,
    Error: container.error ?? '',
    StartedAt: container.startedAt ?? never,
    FinishedAt: container.finishedAt ?? never,
    ...(container.health ? { Health: healthOf(container.health) } : {}),
  };
}

function healthOf({ status, failingStreak, log }: NonNullable<ContainerInfo['health']>): object {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({
      Start: start,
      End: end,
      ExitCode: exitCode,
      Output: output,
    })),
  };
}

function mountDocument(mount: ContainerInfo['mounts'][number]): object {
  const volume = mount.volume === undefined ? {} : { Name: mount.volume, Driver: 'local' };
  return {
    Type: mount.type,
    ...volume,
    Source: mount.source,
    Destination: mount.target,
    Mode: mount.readOnly ? 'ro' : '',
    RW: !mount.readOnly,
    Propagation: mount.type === 'bind' ? 'rprivate' : '',
  };
}

function configOf({ config, image, id }: ContainerInfo, options: ContainerInfo['options']): object {
  const tty = options.tty ?? false;
  const openStdin = options.openStdin ?? false;
  return {
    Hostname: options.hostname ?? id.slice(0, 12),
    Domainname: '',
    User: config.User ?? '',
    AttachStdin: openStdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(config.ExposedPorts ? { ExposedPorts: config.ExposedPorts } : {}),
    Tty: tty,
    OpenStdin: openStdin,
    StdinOnce: openStdin,
    Env: config.Env ?? [],
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck ? { Healthcheck: config.Healthcheck } : {}),
    Image: image.reference,
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? {},
    ...(config.StopSignal ? { StopSignal: config.StopSignal } : {}),
    ...(options.stopTimeout === undefined ? {} : { StopTimeout: options.stopTimeout }),
    ...(config.Shell ? { Shell: config.Shell } : {}),
  };
}

function networkSettings(container: ContainerInfo): object {
  const { name, address = '', gateway = '', mac = '' } = container.network;
  const [ip = '', prefix = '0'] = address.split('/');
  const place = {
    EndpointID: '',
    Gateway: gateway,
    IPAddress: ip,
    IPPrefixLen: Number(prefix),
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: mac,
  };
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    Ports: portMap(container),
    ...place,
    Networks: {
      [name]: {
        IPAMConfig: null,
        Links: container.links.map(({ container: other, alias }) => `${other}:${alias}`),
        Aliases: null,
        NetworkID: '',
        ...place,
        DNSNames: null,
      },
    },
  };
}

/** `{"80/tcp": [{HostIp, HostPort}], "443/tcp": null}`: the second is exposed, not published. */
function portMap(container: ContainerInfo): object {
  if (container.status !== 'running' && container.status !== 'paused') return {};
  const exposed = Object.keys((container.config.ExposedPorts ?? {}) as object);
  return { ...Object.fromEntries(exposed.map(port => [port, null])), ...portBindings(container.ports) };
}

export function portBindings(ports: readonly PublishedPort[]): { [port: string]: object[] } {
  const bindings: { [port: string]: object[] } = {};
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    const key = `${containerPort}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return bindings;
}
