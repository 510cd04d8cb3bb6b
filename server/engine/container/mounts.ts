import { SampanError } from '../../common/errors.ts';
import { isObjectName, objectNameGrammar } from '../../common/names.ts';
import type { MountSpec } from '../runtime/types.ts';
import type { RecordedMount } from './record.ts';
import type { MountOption } from './types.ts';

/** A mount whose volume, if it is one without name, does not exist yet. */
export type PlannedMount = Omit<RecordedMount, 'source' | 'volume'> & {
  /** Host path, or name of a volume; undefined for an anonymous volume and tmpfs. */
  readonly source: string | undefined;
};

/** `--volumes-from` with the mounts that the other container has. */
export interface InheritedMounts {
  readonly mounts: readonly RecordedMount[];
  readonly readOnly: boolean;
}

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
/** Docker's options that mean nothing on Linux without SELinux. */
const ignored = ['z', 'Z', 'cached', 'delegated', 'consistent', 'rw', 'ro'];

/**
 * All mounts of a container: options first, then those of other containers, then the image's volumes as
 * anonymous ones; each only where the ones before left its target free, as docker does.
 *
 * @param kept paths that no container may mount: Sampan's own folders
 * @throws SampanError `invalid-argument`
 */
export function planMounts(input: {
  readonly options: readonly MountOption[];
  readonly inherited: readonly InheritedMounts[];
  readonly imageVolumes: readonly string[];
  readonly kept: readonly string[];
}): readonly PlannedMount[] {
  const result = new Map<string, PlannedMount>();
  for (const option of input.options) {
    const mount = planOption(option, input.kept);
    if (result.has(mount.target))
      throw invalid(`Duplicate mount point: ${mount.target}.`, 'Mount one thing at each place.');
    result.set(mount.target, mount);
  }
  for (const from of input.inherited) {
    for (const mount of from.mounts) {
      if (result.has(mount.target)) continue;
      const source = mount.type === 'volume' ? mount.volume : mount.source;
      const { volume: _, ...rest } = mount;
      result.set(mount.target, {
        ...rest,
        source,
        anonymous: false,
        readOnly: mount.readOnly || from.readOnly,
      });
    }
  }
  for (const volume of input.imageVolumes) {
    const target = cleanTarget(volume);
    if (result.has(target)) continue;
    result.set(target, anonymousVolume(target));
  }
  return [...result.values()];
}

function anonymousVolume(target: string): PlannedMount {
  return {
    type: 'volume',
    source: undefined,
    target,
    readOnly: false,
    options: [],
    copyUp: true,
    anonymous: true,
  };
}

function planOption(option: MountOption, kept: readonly string[]): PlannedMount {
  const target = cleanTarget(option.target);
  const options = option.options.filter(word => !ignored.includes(word));
  const plan = { type: option.type, target, readOnly: option.readOnly } as const;
  if (option.type === 'tmpfs') return { ...plan, source: undefined, options, copyUp: false };
  const words = options.filter(word => word !== 'nocopy');
  const subpath = words.find(word => word.startsWith('subpath='));
  const isKnown = (word: string) =>
    propagations.includes(word) || (option.type === 'volume' && word === subpath);
  const unknown = words.find(word => !isKnown(word));
  if (unknown !== undefined)
    throw invalid(
      `Invalid mode: ${unknown}.`,
      'Modes are ro, rw, nocopy and a propagation (rprivate, rslave, …).',
    );
  if (option.type === 'bind') {
    const source = checkBindSource(option.source ?? '', kept);
    return { ...plan, source, options: words, copyUp: false };
  }
  if (option.source && !isObjectName(option.source)) {
    throw invalid(
      `"${option.source}" includes invalid characters for a local volume name, only "${objectNameGrammar}" are allowed.`,
      'If you intended to pass a host directory, use an absolute path.',
    );
  }
  // A part of a volume must be there already, so that there is nothing to fill.
  const copyUp = !options.includes('nocopy') && subpath === undefined;
  return {
    ...plan,
    source: option.source,
    options: words,
    copyUp,
    ...(option.source ? {} : { anonymous: true }),
  };
}

function checkBindSource(source: string, kept: readonly string[]): string {
  if (!source.startsWith('/'))
    throw invalid(`Invalid mount source '${source}': mount path must be absolute.`, 'Give an absolute path.');
  const clean = cleanPath(source);
  refuseOwnFiles(clean, kept);
  return clean;
}

/** A container that writes to the store or the runtime folder could become any other. Throws `invalid-argument`. */
export function refuseOwnFiles(path: string, kept: readonly string[]): void {
  if (!kept.some(own => path === own || path.startsWith(`${own}/`))) return;
  throw invalid(
    `${path} cannot be mounted: it holds Sampan's own files.`,
    'Mount a folder beside it, or use a volume.',
  );
}

/** Targets in the kernel's own file systems would undo what protects the host (CVE-2019-19921 and kin). */
const refusedTargets = ['/proc', '/sys', '/dev'];

/** The absolute, clean form of a mount target. */
function cleanTarget(target: string): string {
  if (!target.startsWith('/'))
    throw invalid(`Invalid mount target '${target}': mount path must be absolute.`, 'Give an absolute path.');
  const clean = cleanPath(target);
  if (clean === '/') throw invalid("Invalid mount target: destination can't be '/'.", 'Mount below it.');
  if (refusedTargets.includes(clean) || clean.startsWith('/proc/')) {
    throw invalid(`Nothing can be mounted at ${clean}: it belongs to the kernel.`, 'Choose another target.');
  }
  return clean;
}

/** Lexically cleaned like Go's path.Clean; `..` cannot leave the root. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Recorded mounts for the helper, parents before what lies in them. */
export function mountSpecs(mounts: readonly RecordedMount[]): readonly MountSpec[] {
  const depth = (path: string) => path.split('/').length;
  return [...mounts]
    .sort((a, b) => depth(a.target) - depth(b.target))
    .map(mount => ({
      kind: mount.type === 'tmpfs' ? 'tmpfs' : 'bind',
      ...(mount.type === 'tmpfs' ? {} : { source: mount.source }),
      target: mount.target,
      readOnly: mount.readOnly,
      options: mount.options,
    }));
}

function invalid(message: string, hint: string): SampanError {
  return new SampanError('invalid-argument', message, { hint });
}
