import { writeFile } from 'node:fs/promises';
import { isSampanError } from '../../common/errors.ts';
import { canonicalReference, parseReference, withDefaultTag } from '../../common/reference.ts';
import type { BuildOutput, BuildResult } from '../../protocol/types.ts';
import { shellAt } from '../buildShell.ts';
import { type BuildCall, readCall } from '../call/callFlag.ts';
import { runCall } from '../call/runCall.ts';
import { defineCommand, type Interrupt, type Invocation } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { type BuildFlags, buildFlags, dockerfileParams, paramsOf, platformsOf } from '../options/build.ts';
import { type BuildSource, dockerfileOf, excerptOf, withBuildSource } from '../options/buildSource.ts';
import { readAnnotation, readOutput, standardOutput } from '../options/outputs.ts';
import { note, print, printLine } from '../output.ts';
import { ExplanationList } from '../progress/explanation.ts';
import { PlainProgress } from '../progress/plain.ts';
import { jsonProgress, noProgress, type Progress } from '../progress/progress.ts';
import { RawProgress } from '../progress/raw.ts';
import { progressTerminal, TtyProgress } from '../progress/tty.ts';
import { withOutputFile } from '../streams.ts';

export const build = defineCommand({
  usage: 'build [OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  flags: buildFlags,
  args: [1, 1],
  async run(invocation) {
    const { flags, args } = invocation;
    if (flags['on-error'] !== undefined && (args[0] === '-' || flags.file === '-'))
      throw usageFailure('--on-error=shell needs stdin for the shell: name a folder and a file');
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
    if (event.kind === 'finish' && event.error !== undefined && !event.isCanceled) failedStep = event.step;
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
    const exitCode = await failed(error, { source, interrupt, before: progress.failure(failedStep) });
    await shellAt(error, { connection, interrupt });
    return exitCode;
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
