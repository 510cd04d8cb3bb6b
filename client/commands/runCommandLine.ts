import type { ContainerOptions, MountOption, PublishedPort } from '../../server/protocol/types.ts';
import { shellWord } from '../views/words.ts';

/** The command line that makes such a container again: `sampan run -d --name web -p 8080:80 nginx`. */
export function runCommandLine(options: ContainerOptions): string {
  const [entrypoint, ...entrypointArgs] = options.entrypoint ?? [];
  const flags: readonly (readonly [string, string | undefined])[] = [
    ['--name', options.name],
    ['-h', options.hostname],
    ['-w', options.workingDir],
    ['-u', options.user],
    ['--network', options.network],
    ['--memory', options.limits?.memory?.toString()],
    ['--cpus', options.limits?.cpus?.toString()],
    ['--pids-limit', options.limits?.pids?.toString()],
    ...each('-e', options.env),
    ...each('-l', labelWords(options.labels)),
    ...each('-p', options.ports?.map(portWord)),
    ...each('--mount', options.mounts?.map(mountWord)),
    ...each(
      '--link',
      options.links?.map(({ container, alias }) => `${container}:${alias}`),
    ),
    ['--entrypoint', entrypoint],
  ];
  return [
    'sampan run',
    switches(options),
    ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${shellWord(value)}`])),
    ...[options.image, ...entrypointArgs, ...(options.command ?? [])].map(shellWord),
  ].join(' ');
}

function switches(options: ContainerOptions): string {
  const interactive = `${options.openStdin ? 'i' : ''}${options.tty ? 't' : ''}`;
  return [
    interactive === '' ? '-d' : `-${interactive}`,
    ...(options.autoRemove ? ['--rm'] : []),
    ...(options.init ? ['--init'] : []),
    ...(options.readOnly ? ['--read-only'] : []),
    ...(options.publishAll ? ['-P'] : []),
  ].join(' ');
}

function each(flag: string, values: readonly string[] | undefined): (readonly [string, string])[] {
  return (values ?? []).map(value => [flag, value]);
}

function labelWords(labels: ContainerOptions['labels']): readonly string[] {
  return Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
}

function portWord({ hostIp, hostPort, containerPort, protocol }: PublishedPort): string {
  const host = hostIp === '' || hostIp === '0.0.0.0' ? '' : `${hostIp}:`;
  const taken = hostPort === 0 ? (host === '' ? '' : ':') : `${hostPort}:`;
  return `${host}${taken}${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/** The fields of docker's `--mount`. */
function mountWord({ type, source, target, readOnly, options }: MountOption): string {
  return [
    `type=${type}`,
    ...(source === undefined ? [] : [`source=${source}`]),
    `target=${target}`,
    ...(readOnly ? ['readonly'] : []),
    ...options.map(mountField),
  ].join(',');
}

function mountField(option: string): string {
  if (option === 'nocopy') return 'volume-nocopy';
  if (option.startsWith('subpath=')) return `volume-${option}`;
  return /^(size|mode)=/.test(option) ? `tmpfs-${option}` : `bind-propagation=${option}`;
}
