import type { ContainerInfo, PublishedPort } from '../../protocol/types.ts';
import type { Layout, Row } from '../listing.ts';
import { ago, ellipsis, goTime, roughDuration, shortId } from '../words.ts';

export const containerLayout: Layout = {
  headings: {
    ID: 'CONTAINER ID',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Status: 'STATUS',
    State: 'STATE',
    Ports: 'PORTS',
    Names: 'NAMES',
    Size: 'SIZE',
    Labels: 'LABELS',
    Mounts: 'MOUNTS',
    LocalVolumes: 'LOCAL VOLUMES',
    Networks: 'NETWORKS',
  },
  columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'],
  quiet: 'ID',
};

/** docker's fields of a container in `ps` (docker/cli: cli/command/formatter/container.go). */
export function containerRow(
  container: ContainerInfo,
  options: { readonly trunc: boolean; readonly now: number },
): Row {
  const { trunc, now } = options;
  const labels = labelsOf(container);
  const command = container.args.join(' ');
  const mounts = container.mounts.map(mount => mount.volume ?? mount.source);
  return {
    ID: trunc ? shortId(container.id) : container.id,
    Image: container.image.reference,
    Command: JSON.stringify(trunc ? ellipsis(command, 20) : command),
    CreatedAt: goTime(container.createdAt),
    RunningFor: ago(container.createdAt, now),
    Status: statusText(container, now),
    State: container.status,
    Ports: portsText(container),
    Names: container.name,
    Size: '0B',
    Labels: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    Mounts: mounts.map(mount => (trunc ? ellipsis(mount, 15) : mount)).join(','),
    LocalVolumes: String(container.mounts.filter(({ type }) => type === 'volume').length),
    Networks: container.network.name,
    Label: name => labels[name] ?? '',
  };
}

/** `Up 5 minutes`, `Exited (0) 2 hours ago`; without the time where nobody saw the end: the monitor was killed. */
export function statusText(container: ContainerInfo, now: number): string {
  switch (container.status) {
    case 'running':
    case 'paused': {
      const up = `Up ${since(container.startedAt, now)}`;
      return container.status === 'paused' ? `${up} (Paused)` : `${up}${healthText(container)}`;
    }
    case 'restarting':
      return `Restarting (${container.exitCode ?? 0}) ${since(container.finishedAt, now)} ago`;
    case 'exited':
      return `Exited (${container.exitCode ?? 0})${container.finishedAt === undefined ? '' : ` ${since(container.finishedAt, now)} ago`}`;
    case 'created':
      return 'Created';
    case 'dead':
      return 'Dead';
    case 'removing':
      return 'Removal In Progress';
  }
}

function healthText({ health }: ContainerInfo): string {
  if (!health) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

export function labelsOf(container: ContainerInfo): { readonly [name: string]: string } {
  return (container.config.Labels ?? {}) as { [name: string]: string };
}

function since(time: string | undefined, now: number): string {
  return roughDuration(Math.max(0, now - Date.parse(time ?? '')));
}

/** `0.0.0.0:8080->80/tcp, 443/tcp`; only of running containers, as docker. */
function portsText(container: ContainerInfo): string {
  if (container.status !== 'running' && container.status !== 'paused') return '';
  const published = container.ports.map(portText);
  const taken = new Set(container.ports.map(port => `${port.containerPort}/${port.protocol}`));
  const exposed = Object.keys((container.config.ExposedPorts ?? {}) as object).filter(
    port => !taken.has(port),
  );
  return [...published, ...exposed].join(', ');
}

function portText({ hostIp, hostPort, containerPort, protocol }: PublishedPort): string {
  const host = hostIp.includes(':') ? `[${hostIp}]` : hostIp || '0.0.0.0';
  return `${host}:${hostPort}->${containerPort}/${protocol}`;
}
