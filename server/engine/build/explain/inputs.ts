import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { CopyNode, ExecNode, ImageNode, MkdirNode, PlanNode, PlannedMount } from '../planTypes.ts';
import type { SelectedSource } from '../sources.ts';
import { splitVariable } from '../stageState.ts';
import type { StepInputs } from './types.ts';

/** Longest value that is kept as it is, in characters; what is longer is kept as a digest. */
const valueMax = 200;
/** Names and digests of files that are kept for one source, in characters. More are joined by folder. */
const filesMax = 64 * 1024;
/** Beside a file's name in the record. */
const entryOverhead = 24;

/** A value that stands for something too long to show. */
export function isDigestOnly(value: string): boolean {
  return value.startsWith('#');
}

/** The name without its number: `RUN make` of `[build 2/5] RUN make`. */
export function unnumbered(name: string): string {
  return name.replace(/^\[[^\]]*\] /, '');
}

/**
 * The inputs of a step's cache key, by name. They say what changed; whether anything did is the key's to say
 * (stepKeys.ts). `sources` are those of what it copies or mounts.
 */
export function stepInputs(node: PlanNode, sources: readonly StepInputs[] = []): StepInputs {
  const own = ownInputs(node);
  return Object.assign({}, short(own), argInputs(node), ...sources);
}

/** Files and folders that were selected: each by name, or joined by folder if they are many. */
export function fileInputs(sources: readonly SelectedSource[]): StepInputs {
  const files: [string, string][] = [];
  for (const { top, members } of sources) {
    if (top.type !== 'directory') files.push([top.path.slice(1), identity(top)]);
    for (const { entry } of members) files.push([entry.path.slice(1), identity(entry)]);
  }
  if (sizeOf(files) <= filesMax)
    return Object.fromEntries(files.map(([path, value]) => [`file ${path}`, value]));
  return folderInputs(files);
}

function folderInputs(files: readonly (readonly [string, string])[]): StepInputs {
  const deepest = Math.max(...files.map(([path]) => path.split('/').length));
  for (let depth = Math.min(deepest, 16) - 1; depth > 0; depth--) {
    const folders = joined(files, depth);
    if (sizeOf([...folders.keys()].map(path => [path, ''] as const)) > filesMax) continue;
    return Object.fromEntries([...folders].map(([path, hash]) => [`folder ${path}`, hash]));
  }
  return { content: digest(files.map(pair => pair.join('\0')).join('\n')) };
}

/** Digest of what is in each folder, down to `depth` levels. */
function joined(files: readonly (readonly [string, string])[], depth: number): Map<string, string> {
  const folders = new Map<string, ReturnType<typeof createHash>>();
  for (const [path, value] of files) {
    const folder = posix.dirname(path).split('/').slice(0, depth).join('/');
    const hash = folders.get(folder) ?? createHash('sha256');
    folders.set(folder, hash.update(`${path}\0${value}\n`));
  }
  return new Map([...folders].map(([folder, hash]) => [folder, `#${hash.digest('hex').slice(0, 12)}`]));
}

function sizeOf(files: readonly (readonly [string, string])[]): number {
  return files.reduce((sum, [path]) => sum + path.length + entryOverhead, 0);
}

/** Equal for files that a key does not tell apart. */
function identity({ type, mode, sha256, linkTarget }: SelectedSource['top']): string {
  return `#${mode.toString(8)}:${type === 'file' ? (sha256 ?? '').slice(0, 12) : (linkTarget ?? type)}`;
}

function ownInputs(node: PlanNode): StepInputs {
  switch (node.kind) {
    case 'image':
      return baseInputs(node);
    case 'exec':
      return execInputs(node);
    case 'copy':
      return copyInputs(node);
    case 'mkdir':
      return mkdirInputs(node);
  }
}

function baseInputs({ name, base }: ImageNode): StepInputs {
  return { base: `${unnumbered(name).replace(/^FROM /, '')} ${base.id}` };
}

function execInputs(node: ExecNode): StepInputs {
  const { args, cwd, user, hostname, network, security, extraHosts, scripts, mounts } = node;
  const declared = new Set(Object.keys(node.variables));
  const env = node.env.map(splitVariable).filter(([name]) => !declared.has(name));
  return {
    instruction: args.join(' '),
    ...Object.fromEntries(env.map(([name, value]) => [`env ${name}`, value])),
    ...Object.fromEntries(scripts.map(({ name, content }) => [`content heredoc ${name}`, content])),
    ...Object.fromEntries(mounts.map(mount => [`option mount ${mount.target || '/'}`, mountText(mount)])),
    'option working directory': cwd,
    'option user': user,
    'option hostname': hostname,
    'option network': network,
    'option security': security,
    'option extra hosts': extraHosts.join(' '),
  };
}

function mountText({ mount: { type, readOnly, id, size, env } }: PlannedMount): string {
  return JSON.stringify({ type, readOnly, ...(type === 'tmpfs' ? { size } : { id, env }) });
}

function copyInputs(node: CopyNode): StepInputs {
  const inline = node.items.flatMap(item =>
    item.kind === 'inline' ? [[`content heredoc ${item.name}`, item.content] as const] : [],
  );
  const { name, destination, chown = '', chmod = '' } = node;
  return {
    instruction: unnumbered(name),
    'option destination': destination,
    'option chown': chown,
    'option chmod': chmod,
    ...Object.fromEntries(inline),
  };
}

function mkdirInputs({ path, user, epochSeconds }: MkdirNode): StepInputs {
  return {
    instruction: `WORKDIR ${path}`,
    'option user': user,
    ...(epochSeconds !== undefined && { 'arg SOURCE_DATE_EPOCH': String(epochSeconds) }),
  };
}

function argInputs({ variables }: PlanNode): StepInputs {
  return short(Object.fromEntries(Object.entries(variables).map(([name, value]) => [`arg ${name}`, value])));
}

function short(inputs: StepInputs): StepInputs {
  const entries = Object.entries(inputs);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      value.length > valueMax || value.startsWith('#') ? digest(value) : value,
    ]),
  );
}

function digest(text: string): string {
  return `#${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
