import { basename, resolve } from 'node:path';
import { remoteContextOf } from '../../common/remoteContext.ts';
import type { BuildParams, SecretSource } from '../../protocol/types.ts';
import { usageFailure } from '../failure.ts';
import type { Flags, FlagValues } from '../flags.ts';
import { readCacheFrom, readCacheTo } from './caches.ts';
import { readSsh } from './ssh.ts';
import { readExtraHost, readLabels, readPairs } from './values.ts';

export const buildFlags = {
  'add-host': { kind: 'list', help: 'Add a custom host-to-IP mapping (format: "host:ip")' },
  annotation: { kind: 'list', help: 'Add annotation to the image' },
  allow: { kind: 'list', help: 'Allow extra privileged entitlement (network.host, security.insecure)' },
  'cache-from': { kind: 'list', help: 'External cache sources (e.g. "type=local,src=path/to/dir")' },
  'cache-to': { kind: 'list', help: 'Cache export destinations (e.g. "type=local,dest=path/to/dir")' },
  call: {
    kind: 'string',
    help: 'Ask about the Dockerfile instead of building it: check, outline, targets (format: "METHOD[,format=json]")',
  },
  check: { kind: 'boolean', help: 'Shorthand for "--call=check"' },
  'build-context': { kind: 'list', help: 'Additional build contexts (e.g. name=path)' },
  'build-arg': { kind: 'list', help: 'Set build-time variables' },
  'dry-run': {
    kind: 'boolean',
    help: 'Print what a build would take from the cache and why not, without building',
  },
  explain: { kind: 'boolean', help: 'Say of each step whether it was taken from the cache, and why not' },
  file: { kind: 'string', short: 'f', help: 'Name of the Dockerfile (default: "PATH/Dockerfile")' },
  iidfile: { kind: 'string', help: 'Write the image ID to a file' },
  label: { kind: 'list', help: 'Set metadata for an image' },
  load: { kind: 'boolean', help: 'Shorthand for "--output=type=docker"' },
  'metadata-file': { kind: 'string', help: 'Write build result metadata to a file' },
  network: { kind: 'string', help: 'Set the networking mode for the RUN instructions: default, none, host' },
  'no-cache': { kind: 'boolean', help: 'Do not use cache when building the image' },
  'no-cache-filter': { kind: 'list', help: 'Do not cache specified stages' },
  'on-error': { kind: 'string', help: 'What to do when a RUN fails: shell opens one in the state before it' },
  output: { kind: 'list', short: 'o', help: 'Output destination (format: "type=local,dest=path")' },
  platform: { kind: 'list', help: 'Set target platform for build' },
  progress: { kind: 'string', help: 'Set type of progress output: auto, plain, tty, json, rawjson, quiet' },
  pull: { kind: 'boolean', help: 'Always attempt to pull all referenced images' },
  push: { kind: 'boolean', help: 'Shorthand for "--output=type=registry"' },
  quiet: { kind: 'boolean', short: 'q', help: 'Suppress the build output and print image ID on success' },
  secret: { kind: 'list', help: 'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")' },
  ssh: {
    kind: 'list',
    help: 'SSH agent socket or keys to expose to the build (format: "default|id[=socket|key[,key]]")',
  },
  tag: { kind: 'list', short: 't', help: 'Name and optionally a tag (format: "name:tag")' },
  target: { kind: 'string', help: 'Set the target build stage to build' },
} as const satisfies Flags;

export type BuildFlags = FlagValues<typeof buildFlags>;

/** What the flags ask for, but outputs and progress. */
export async function paramsOf(flags: BuildFlags): Promise<Omit<BuildParams, 'dockerfile'>> {
  const { network } = flags;
  if (network !== undefined && network !== 'default' && network !== 'none' && network !== 'host')
    throw usageFailure(`invalid network mode "${network}": it must be default, none or host`);
  return {
    token: 'build',
    tags: flags.tag,
    labels: await readLabels(flags.label, []),
    secrets: Object.fromEntries(flags.secret.map(secretOf)),
    ssh: Object.fromEntries(flags.ssh.map(text => readSsh(text, process.env))),
    extraHosts: flags['add-host'].map(readExtraHost),
    allow: flags.allow.flatMap(text => text.split(',')).map(readEntitlement),
    ...cachesOf(flags),
    keepFailed: isShellWanted(flags),
    noCacheFilter: flags['no-cache-filter'].flatMap(text => text.split(',')),
    noCache: flags['no-cache'],
    pull: flags.pull,
    ...(network === undefined ? {} : { network }),
    ...dockerfileParams(flags),
  };
}

function isShellWanted({ 'on-error': onError }: BuildFlags): boolean {
  if (onError !== undefined && onError !== 'shell')
    throw usageFailure(`invalid on-error "${onError}": it must be shell`);
  return onError === 'shell';
}

function cachesOf(flags: BuildFlags): Pick<BuildParams, 'cacheFrom' | 'cacheTo' | 'inlineCache'> {
  const targets = flags['cache-to'].map(readCacheTo);
  return {
    cacheFrom: flags['cache-from'].map(readCacheFrom),
    cacheTo: targets.filter(target => target !== 'inline'),
    inlineCache: targets.includes('inline'),
  };
}

function readEntitlement(name: string): string {
  if (name === 'network.host' || name === 'security.insecure') return name;
  throw usageFailure(`invalid entitlement "${name}": it must be network.host or security.insecure`);
}

/** What the Dockerfile is read with. */
export function dockerfileParams(
  flags: BuildFlags,
): Required<Pick<BuildParams, 'buildArgs' | 'contexts' | 'platforms'>> & Pick<BuildParams, 'target'> {
  return {
    buildArgs: buildArguments(flags['build-arg']),
    contexts: namedContexts(flags['build-context']),
    platforms: platformsOf(flags),
    ...(flags.target === undefined ? {} : { target: flags.target }),
  };
}

/** A pushed image of one platform is in the store as well, as with docker. */
export function platformsOf(flags: BuildFlags): readonly string[] {
  return flags.platform.flatMap(text => text.split(','));
}

/** `name=path`, `name=docker-image://reference` or `name=oci-layout://path`; paths are those of the caller. */
function namedContexts(texts: readonly string[]): { [name: string]: string } {
  const pairs = Object.entries(readPairs(texts, 'build context'));
  return Object.fromEntries(pairs.map(([name, value]) => [name, contextValue(value)]));
}

function contextValue(value: string): string {
  const layout = /^oci-layout:\/\/(.+)$/.exec(value)?.[1];
  if (layout !== undefined) return `oci-layout://${resolve(layout)}`;
  return isAddress(value) ? value : resolve(value);
}

function isAddress(text: string): boolean {
  return /^[a-z-]+:\/\//.test(text) || remoteContextOf(text) !== undefined;
}

/** `id=ID[,src=FILE|env=NAME][,type=file|env]`; alone, the variable of that name, else the file. */
function secretOf(text: string): [string, SecretSource] {
  const fields = new Map(text.split(',').map(field => splitField(field, text)));
  const file = fields.get('src') ?? fields.get('source');
  const id = fields.get('id') ?? (file && basename(file));
  if (!id) throw usageFailure(`invalid secret "${text}": it needs an id`);
  const name = fields.get('env') ?? (fields.get('type') === 'env' ? (file ?? id) : undefined);
  const value = process.env[name ?? (file === undefined ? id : '')];
  if (value !== undefined) return [id, { value }];
  if (name !== undefined) throw usageFailure(`invalid secret "${text}": the variable ${name} is not set`);
  return [id, { path: resolve(file ?? id) }];
}

function splitField(field: string, whole: string): [string, string] {
  const at = field.indexOf('=');
  if (at <= 0) throw usageFailure(`invalid secret "${whole}": "${field}" must be a key=value pair`);
  return [field.slice(0, at).toLowerCase(), field.slice(at + 1)];
}

/** `NAME` alone takes the caller's value, and is left out when it has none. */
function buildArguments(texts: readonly string[]): { [name: string]: string } {
  const given = texts.flatMap(text => {
    if (text.includes('=')) return [text];
    const value = process.env[text];
    return value === undefined ? [] : [`${text}=${value}`];
  });
  // As buildx does: reproducible-builds.org/specs/source-date-epoch
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return { ...(epoch && { SOURCE_DATE_EPOCH: epoch }), ...readPairs(given, 'build argument') };
}
