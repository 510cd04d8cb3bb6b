import type { ContainerInfo, ContainerStatus } from '../../server/protocol/types.ts';
import { rootItem } from './fileItems.ts';
import type { Item } from './item.ts';
import { portText, volumeLabel } from './words.ts';

/** Rows of the Containers view: running ones first, then by name. */
export function containerItems(containers: readonly ContainerInfo[]): readonly Item[] {
  return [...containers].sort(byState).map(containerItem);
}

function byState(a: ContainerInfo, b: ContainerInfo): number {
  const running = Number(isActive(b.status)) - Number(isActive(a.status));
  return running === 0 ? a.name.localeCompare(b.name) : running;
}

/** True when the container has processes. */
export function isActive(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused';
}

function containerItem(container: ContainerInfo): Item {
  const state = stateWords(container);
  const ports = isActive(container.status) ? container.ports : [];
  return {
    id: `container/${container.id}`,
    label: container.name,
    // What matters first: a narrow side bar cuts the rest.
    description: [
      ...(container.status === 'running' ? ports.map(portText) : [state]),
      container.image.reference,
    ].join(' · '),
    icon: stateIcon(container),
    spoken: [container.name, state, container.image.reference, ...ports.map(spokenPort)].join(', '),
    contextValue: ['container', container.status, ...(ports.some(isWeb) ? ['published'] : [])].join(' '),
    subject: { kind: 'container', container },
    children: [
      ...ports.map(port => portItem(container, port)),
      ...container.mounts.map(mount => mountItem(container, mount)),
      changesItem(container),
      rootItem(`container/${container.id}`, { kind: 'container', id: container.id }),
    ],
  };
}

/** The files that differ from the image's. */
function changesItem({ id, name, image }: ContainerInfo): Item {
  return {
    id: `container/${id}/changes`,
    label: 'Changes',
    icon: { id: 'diff' },
    spoken: `files that ${name} changed`,
    contextValue: 'changes',
    subject: { kind: 'changes' },
    children: [],
    lazy: { kind: 'container-changes', container: id, image: image.id },
  };
}

/** The state in words: `running`, `exited with code 1`, `could not start`. */
export function stateWords(container: ContainerInfo): string {
  if (container.status === 'created' && container.error !== undefined) return 'could not start';
  if (container.status !== 'exited') return container.status;
  if (container.oomKilled) return 'killed, out of memory';
  return container.exitCode === undefined ? 'exited' : `exited with code ${container.exitCode}`;
}

function stateIcon(container: ContainerInfo): Item['icon'] {
  switch (container.status) {
    case 'running':
      return { id: 'vm-running', color: 'charts.green' };
    case 'paused':
      return { id: 'debug-pause', color: 'charts.yellow' };
    case 'restarting':
      return { id: 'sync', color: 'charts.yellow' };
    case 'created':
      return container.error === undefined
        ? { id: 'vm-outline' }
        : { id: 'error', color: 'problemsErrorIcon.foreground' };
    case 'removing':
      return { id: 'trash' };
    case 'dead':
      return { id: 'error', color: 'problemsErrorIcon.foreground' };
    case 'exited':
      return container.oomKilled || (container.exitCode ?? 0) !== 0
        ? { id: 'vm-outline', color: 'problemsErrorIcon.foreground' }
        : { id: 'vm-outline' };
  }
}

type Port = ContainerInfo['ports'][number];

/** Only a tcp port that has been taken can be opened in a browser. */
function isWeb(port: Port): boolean {
  return port.protocol === 'tcp' && port.hostPort !== 0;
}

function spokenPort(port: Port): string {
  return `port ${port.hostPort} on this machine goes to ${port.protocol} port ${port.containerPort}`;
}

function portItem(container: ContainerInfo, port: Port): Item {
  return {
    id: `container/${container.id}/port/${port.containerPort}/${port.protocol}/${port.hostIp}`,
    label: portText(port),
    description: port.hostIp === '' ? '0.0.0.0' : port.hostIp,
    icon: { id: 'plug' },
    spoken: spokenPort(port),
    contextValue: isWeb(port) ? 'port web' : 'port',
    subject: { kind: 'port', container, port },
    children: [],
  };
}

function mountItem(container: ContainerInfo, mount: ContainerInfo['mounts'][number]): Item {
  const source = mount.volume === undefined ? mount.source : volumeLabel(mount.volume);
  const access = mount.readOnly ? ' (read-only)' : '';
  return {
    id: `container/${container.id}/mount/${mount.target}`,
    label: mount.target,
    description: mount.type === 'tmpfs' ? `tmpfs${access}` : `${source}${access}`,
    icon: { id: mount.type === 'volume' ? 'database' : mount.type === 'bind' ? 'folder' : 'chip' },
    spoken: `${mount.type} mounted at ${mount.target}${mount.type === 'tmpfs' ? '' : ` from ${source}`}${access}`,
    contextValue: `mount ${mount.type}`,
    subject: { kind: 'mount', container, mount },
    children: [],
  };
}
