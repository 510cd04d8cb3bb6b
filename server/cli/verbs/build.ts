import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isSampanError } from '../../common/errors.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../../common/reference.ts';
import { remoteContextOf } from '../../common/remoteContext.ts';
import type { BuildOutput, BuildParams, BuildResult, SecretSource } from '../../protocol/types.ts';
import { type BuildCall, readCall } from '../call/callFlag.ts';
import { runCall } from '../call/runCall.ts';
import { defineCommand, type Interrupt, type Invocation } from '../command.ts';
import { usageFailure } from '../failure.ts';
import type { Flags, FlagValues } from '../flags.ts';
import { type BuildSource, dockerfileOf, excerptOf, withBuildSource } from '../options/buildSource.ts';
import { readCacheFrom, readCacheTo } from '../options/caches.ts';
import { readAnnotation, readOutput, standardOutput } from '../options/outputs.ts';
import { readSsh } from '../options/ssh.ts';
import { readExtraHost, readLabels, readPairs } from '../options/values.ts';
import { note, print, printLine } from '../output.ts';
import { ExplanationList } from '../progress/explanation.ts';
import { PlainProgress } from '../progress/plain.ts';
import { jsonProgress, noProgress, type Progress } from '../progress/progress.ts';
import { RawProgress } from '../progress/raw.ts';
import { progressTerminal, TtyProgress } from '../progress/tty.ts';
import { withOutputFile } from '../streams.ts';

const buildFlags = {
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

type BuildFlags = FlagValues<typeof buildFlags>;

export const build = defineCommand({
  usage: 'build [OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  flags: buildFlags,
  args: [1, 1],
  async run(invocation) {
    const { flags, args } = invocation;
    const call = readCall(flags);
    return withBuildSource(args[0] ?? '', flags.file, async source => {
      if (call) return callFor(call, { source, invocation });
      return flags['dry-run'] ? predictFrom(source, invocation) : buildFrom(source, invocation);
    });
  },
});

async function callFor(
  call: BuildCall,
  {
    source,
    invocation: { flags, client, interrupt },
  }: { readonly source: BuildSource; readonly invocation: Invocation<typeof buildFlags> },
): Promise<number> {
  const params = dockerfileParams(flags);
  return runCall(call, { connection: await client(), source, params, signal: interrupt.signal });
}

/** `--dry-run`: the prediction on stdout. */
async function predictFrom(
  source: BuildSource,
  { flags, client, interrupt }: Invocation<typeof buildFlags>,
): Promise<number> {
  const connection = await client();
  const list = new ExplanationList();
  connection.on('sampan/build/event', ({ event }) => list.handle(event));
  const params = { ...(await paramsOf(flags)), ...source, dryRun: true };
  try {
    await connection.request('sampan/build', params, interrupt.signal);
  } catch (error) {
    return failed(error, { source, interrupt });
  }
  await print(list.text());
  return 0;
}

/** A failure at a line of the Dockerfile shows it. Others are thrown. */
async function failed(
  error: unknown,
  {
    source,
    interrupt,
    before = '',
  }: {
    readonly source: BuildSource;
    readonly interrupt: Interrupt;
    /** Text about the step. */
    readonly before?: string;
  },
): Promise<number> {
  if (interrupt.signal.aborted || !(isSampanError(error) && error.detail.line !== undefined)) throw error;
  process.stderr.write(before);
  process.stderr.write(await excerptOf(error, source));
  note(`ERROR: failed to build: ${error.message}`);
  if (error.hint) note(error.hint);
  return 1;
}

async function buildFrom(
  source: BuildSource,
  { flags, client, interrupt }: Invocation<typeof buildFlags>,
): Promise<number> {
  const outputs = outputsOf(flags);
  const params = { ...(await paramsOf(flags)), ...source };
  const connection = await client();
  const progress = await progressOf(flags, source);
  const list = new ExplanationList();
  let failedStep: string | undefined;
  connection.on('sampan/build/event', ({ event }) => {
    if (event.kind === 'finish' && event.error !== undefined && !event.isCanceled) failedStep ??= event.step;
    progress.handle(event);
    list.handle(event);
  });
  try {
    const result = await withDestinations(outputs, ready =>
      connection.request('sampan/build', { ...params, outputs: ready }, interrupt.signal),
    );
    progress.end();
    if (flags.explain) process.stderr.write(list.text());
    await report(result, { flags, outputs });
    return 0;
  } catch (error) {
    progress.end();
    if (flags.explain) process.stderr.write(list.text());
    return failed(error, { source, interrupt, before: progress.failure(failedStep) });
  }
}

async function report(
  result: BuildResult,
  { flags, outputs }: { readonly flags: BuildFlags; readonly outputs: readonly BuildOutput[] },
): Promise<void> {
  const { imageId = '', tags } = result;
  if (flags.iidfile !== undefined) await writeFile(flags.iidfile, imageId);
  const metadata = flags['metadata-file'];
  if (metadata !== undefined) await writeFile(metadata, metadataOf(result, flags.tag));
  if (flags.quiet) {
    if (outputs.every(({ kind }) => kind === 'image' || kind === 'registry')) await printLine(imageId);
  } else if (flags.progress === undefined || flags.progress === 'auto') {
    for (const tag of tags) note(`Built ${tag}`);
  }
}

async function paramsOf(flags: BuildFlags): Promise<Omit<BuildParams, 'dockerfile'>> {
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
    noCacheFilter: flags['no-cache-filter'].flatMap(text => text.split(',')),
    noCache: flags['no-cache'],
    pull: flags.pull,
    ...(network === undefined ? {} : { network }),
    ...dockerfileParams(flags),
  };
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
function dockerfileParams(
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
function outputsOf(flags: BuildFlags): readonly BuildOutput[] {
  const annotations = flags.annotation.flatMap(readAnnotation);
  const texts = flags.push ? [...flags.output, 'type=registry'] : flags.output;
  const outputs = texts.map(text => readOutput(text, { tags: flags.tag, annotations }));
  const isPushed = outputs.some(({ kind }) => kind === 'registry');
  if (annotations.length > 0 && !isPushed && !outputs.some(({ kind }) => kind === 'image-archive')) {
    throw usageFailure(
      'annotations are part of a manifest, which an image gets when it is written: use --push, or --output type=oci,dest=FILE',
    );
  }
  const isStored = outputs.length === 0 || flags.load || (isPushed && platformsOf(flags).length < 2);
  if (!isStored || outputs.some(({ kind }) => kind === 'image')) return outputs;
  return [...outputs, { kind: 'image' }];
}

function platformsOf(flags: BuildFlags): readonly string[] {
  return flags.platform.flatMap(text => text.split(','));
}

/** Gives `use` the outputs with a file in place of stdout. */
async function withDestinations<T>(
  outputs: readonly BuildOutput[],
  use: (outputs: readonly BuildOutput[]) => Promise<T>,
): Promise<T> {
  const toStdout = outputs.filter(output => 'path' in output && output.path === standardOutput);
  if (toStdout.length > 1) throw usageFailure('only one output can go to stdout');
  const [output] = toStdout;
  if (output === undefined) return use(outputs);
  let result: { readonly value: T } | undefined;
  await withOutputFile(undefined, async path => {
    result = { value: await use(outputs.map(one => (one === output ? { ...output, path } : one))) };
  });
  return (result as { readonly value: T }).value;
}

/** The keys that buildx writes. */
function metadataOf({ imageId, digest }: BuildResult, tags: readonly string[]): string {
  const metadata = {
    'containerimage.config.digest': imageId,
    'containerimage.digest': digest ?? imageId,
    ...(tags.length > 0 && { 'image.name': tags.map(canonicalTag).join(',') }),
  };
  return `${JSON.stringify(metadata, undefined, 2)}\n`;
}

function canonicalTag(tag: string): string {
  return canonicalReference(withDefaultTag(parseReference(tag)));
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

async function progressOf({ quiet, progress = 'auto' }: BuildFlags, source: BuildSource): Promise<Progress> {
  if (quiet && progress !== 'auto' && progress !== 'quiet')
    throw usageFailure(`progress=${progress} and quiet cannot be used together`);
  const write = (text: string) => process.stderr.write(text);
  if (quiet || progress === 'quiet' || progress === 'none') return noProgress;
  if (progress === 'json') return jsonProgress(write);
  if (progress === 'rawjson') return new RawProgress(write, await dockerfileOf(source));
  const terminal = progress === 'auto' || progress === 'tty' ? progressTerminal() : undefined;
  if (terminal) return new TtyProgress(terminal);
  if (progress === 'tty')
    throw usageFailure('--progress=tty needs a terminal', 'Leave it out, or use --progress=plain.');
  if (progress === 'plain' || progress === 'auto') return new PlainProgress(write);
  throw usageFailure(
    `invalid progress mode "${progress}": it must be auto, plain, tty, json, rawjson or quiet`,
  );
}
