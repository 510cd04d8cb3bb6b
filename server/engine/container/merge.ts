import { SampanError } from '../../common/errors.ts';
import type { RunConfig } from '../image/types.ts';
import { mergeHealth } from './health.ts';
import type { ContainerOptions } from './types.ts';

/** What runs: the image's defaults with the options laid over them. */
export interface MergedConfig {
  readonly config: RunConfig;
  /** Entrypoint and Cmd in one. */
  readonly args: readonly string[];
}

/**
 * Docker's merge of an image's config and the options of `create`: an entrypoint given replaces the image's and
 * drops its Cmd; environment, labels, volumes and exposed ports are united, with the option winning.
 *
 * @throws SampanError `invalid-argument` when no command results or a value is malformed
 */
export function mergeConfig(image: RunConfig | undefined, options: ContainerOptions): MergedConfig {
  const entrypoint = options.entrypoint ?? image?.Entrypoint ?? [];
  const cmd = mergeCmd(image, options);
  const args = [...entrypoint, ...cmd];
  if (args.length === 0) {
    throw new SampanError('invalid-argument', `No command specified for image ${options.image}.`, {
      hint: 'The image has neither CMD nor ENTRYPOINT: give a command after the image name.',
    });
  }
  const workingDir = options.workingDir ?? image?.WorkingDir;
  if (workingDir && !workingDir.startsWith('/')) {
    throw new SampanError(
      'invalid-argument',
      `The working directory '${workingDir}' is invalid, it needs to be an absolute path.`,
    );
  }
  const user = options.user ?? image?.User;
  const stopSignal = options.stopSignal ?? image?.StopSignal;
  const health = mergeHealth(image?.Healthcheck, options.healthcheck);
  const config: RunConfig = {
    ...(user ? { User: user } : {}),
    ExposedPorts: { ...image?.ExposedPorts, ...exposed(options) },
    Env: mergeEnv(image?.Env ?? [], options.env ?? []),
    ...(entrypoint.length > 0 ? { Entrypoint: entrypoint } : {}),
    ...(cmd.length > 0 ? { Cmd: cmd } : {}),
    Volumes: { ...image?.Volumes, ...anonymousVolumes(options) },
    ...(workingDir ? { WorkingDir: workingDir } : {}),
    Labels: { ...image?.Labels, ...options.labels },
    ...(stopSignal ? { StopSignal: stopSignal } : {}),
    ...(health ? { Healthcheck: health } : {}),
    ...(image?.Shell ? { Shell: image.Shell } : {}),
  };
  return { config, args };
}

function mergeCmd(image: RunConfig | undefined, options: ContainerOptions): readonly string[] {
  if (options.command && options.command.length > 0) return options.command;
  return options.entrypoint ? [] : (image?.Cmd ?? []);
}

function exposed(options: ContainerOptions): Record<string, Record<string, never>> {
  const ports = [
    ...(options.expose ?? []).flatMap(expandPorts),
    ...(options.ports ?? []).map(port => `${port.containerPort}/${port.protocol}`),
  ];
  return Object.fromEntries(ports.map(port => [port, {}]));
}

/** `80`, `53/udp`, `8000-8010` as keys of ExposedPorts. */
function expandPorts(text: string): readonly string[] {
  const [, first, last = first, protocol = 'tcp'] =
    /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || from < 1 || to > 65535 || to < from) {
    throw new SampanError('invalid-argument', `Invalid range format for --expose: ${text}`, {
      hint: 'Give a port or a range, with or without protocol: 80, 53/udp, 8000-8010.',
    });
  }
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

function anonymousVolumes(options: ContainerOptions): Record<string, Record<string, never>> {
  const targets = (options.mounts ?? []).filter(mount => mount.type === 'volume' && !mount.source);
  return Object.fromEntries(targets.map(mount => [mount.target, {}]));
}

/** The options' variables in order, then those of the image that they do not name. */
function mergeEnv(image: readonly string[], options: readonly string[]): readonly string[] {
  for (const variable of options) {
    if (variable === '' || variable.startsWith('=')) {
      throw new SampanError('invalid-argument', `Invalid environment variable: ${variable}`, {
        hint: 'A variable is given as NAME=value, or as NAME to remove it.',
      });
    }
  }
  const named = new Set(options.map(variableName));
  return [...options, ...image.filter(variable => !named.has(variableName(variable)))];
}

/** The part before the first `=`. */
export function variableName(variable: string): string {
  const end = variable.indexOf('=');
  return end < 0 ? variable : variable.slice(0, end);
}
