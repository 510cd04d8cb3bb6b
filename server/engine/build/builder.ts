import { resolve } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { formatPlatform, hostPlatform, parsePlatform } from '../../common/platform.ts';
import type { Dockerfile } from '../../language/index.ts';
import { parse } from '../../language/index.ts';
import type { Image } from '../image/types.ts';
import { openBuildCache } from './buildCache.ts';
import type { BuilderParts, BuildRun } from './buildContext.ts';
import { checkBuild } from './checks.ts';
import { type BuildContext, openContext } from './context.ts';
import { imageConfig } from './imageConfig.ts';
import { planBuild } from './plan.ts';
import { located } from './planError.ts';
import type { BaseImage, BuildPlan, NamedContext, NeededBase, PlanInput } from './planTypes.ts';
import { StepReporter } from './progress.ts';
import { type Solution, solve } from './solve.ts';
import { cancelled } from './stepFailure.ts';
import type { Builder, BuildOptions, BuildResult } from './types.ts';

/** The builder over the parts of the engine. */
export function createBuilder(parts: BuilderParts): Builder {
  return { build: options => build(parts, options) };
}

async function build(parts: BuilderParts, options: BuildOptions): Promise<BuildResult> {
  const began = performance.now();
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) throw cancelled();
  const report = new StepReporter(options.onProgress ?? (() => undefined));
  const input = planInput(options);
  const dockerfile = parse(options.dockerfile.text);
  const { plan, bases } = await planWithBases(parts, { dockerfile, input, options });
  report.plan(plan.nodes);
  const { context, contexts } = await openContexts(parts, options);
  const checked = { input: { ...input, bases }, ignore: context.ignore };
  for (const warning of checkBuild(dockerfile, checked)) report.warning(warning);
  const cache = openBuildCache(parts);
  const noCache = options.noCache ?? false;
  const secrets = options.secrets ?? {};
  const run = { ...parts, cache, context, contexts, secrets, noCache, signal, report };
  const solution = await solve(plan, run);
  if (signal.aborted) throw cancelled();
  const [image] = await Promise.all([
    finish(parts, { plan, solution, input, options }),
    ...[context, ...contexts.values()].map(one => one.save()),
  ]);
  const made = [...solution.solved.values()].filter(one => one.createdAt !== undefined);
  return {
    image,
    steps: made.length,
    cachedSteps: made.filter(one => one.cached).length,
    milliseconds: Math.round(performance.now() - began),
  };
}

/** The build context and the named ones that are folders. */
async function openContexts(
  { native, store }: BuilderParts,
  options: BuildOptions,
): Promise<Pick<BuildRun, 'context' | 'contexts'>> {
  const open = (directory: string | undefined, dockerfilePath: string | undefined) =>
    openContext({
      directory: directory === undefined ? undefined : resolve(directory),
      dockerfilePath,
      native,
      store,
    });
  const folders = Object.entries(options.contexts ?? {}).filter(
    ([, value]) => namedContext(value).kind === 'folder',
  );
  const [context, ...named] = await Promise.all([
    open(options.contextDirectory, options.dockerfile.path),
    ...folders.map(([, directory]) => open(directory, undefined)),
  ]);
  const contexts = new Map(
    folders.map(([name], index) => [name.toLowerCase(), named[index] as BuildContext] as const),
  );
  return { context, contexts };
}

function namedContext(value: string): NamedContext {
  const image = /^docker-image:\/\/(.+)$/.exec(value)?.[1];
  if (image !== undefined) return { kind: 'image', reference: image };
  if (!/^[a-z-]+:\/\//.test(value)) return { kind: 'folder' };
  throw new SampanError('unsupported', `The named context ${value} is neither a folder nor an image.`, {
    hint: 'Give a folder, or docker-image:// and a reference.',
  });
}

function planInput(options: BuildOptions): PlanInput {
  const host = hostPlatform(process.arch);
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  return {
    target: options.target,
    buildArgs,
    labels: new Map(Object.entries(options.labels ?? {})),
    platform: options.platform ? parsePlatform(options.platform, host) : host,
    hostPlatform: host,
    network: options.network ?? 'default',
    contexts: new Map(
      Object.entries(options.contexts ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        namedContext(value),
      ]),
    ),
    allow: new Set(options.allow),
    noCacheStages: new Set(options.noCacheFilter?.map(name => name.toLowerCase())),
    bases: new Map(),
    epochSeconds: epochOf(buildArgs.get('SOURCE_DATE_EPOCH')),
  };
}

function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new SampanError('invalid-argument', `SOURCE_DATE_EPOCH is not a number of seconds: ${text}.`);
}

/** Plan, getting the base images that the plan asks for. */
async function planWithBases(
  parts: BuilderParts,
  {
    dockerfile,
    input,
    options,
  }: { readonly dockerfile: Dockerfile; readonly input: PlanInput; readonly options: BuildOptions },
): Promise<{ readonly plan: BuildPlan; readonly bases: ReadonlyMap<string, BaseImage> }> {
  const bases = new Map(input.bases);
  for (;;) {
    const result = planBuild(dockerfile, { ...input, bases });
    if (result.plan) return { plan: result.plan, bases };
    const found = await Promise.all(result.needs.map(need => findBase(parts, { need, options })));
    for (const [index, need] of result.needs.entries()) bases.set(need.key, found[index] as BaseImage);
  }
}

/** From the store, else from its registry. */
async function findBase(
  { images }: BuilderParts,
  { need, options }: { readonly need: NeededBase; readonly options: BuildOptions },
): Promise<BaseImage> {
  try {
    const local = options.pull ? undefined : await images.find(need.reference);
    if (local && servesPlatform(local, need)) return baseImage(local);
    return baseImage(await pullBase({ images }, { need, options }));
  } catch (error) {
    throw located(error, need.lines);
  }
}

async function pullBase(
  { images }: Pick<BuilderParts, 'images'>,
  { need, options }: { readonly need: NeededBase; readonly options: BuildOptions },
): Promise<Image> {
  const { signal, onProgress } = options;
  return images.pull(need.reference, {
    platform: need.platform,
    ...(signal ? { signal } : {}),
    onProgress: progress =>
      onProgress?.({
        kind: 'progress',
        step: `pull ${need.reference}`,
        text: `${progress.id} ${progress.status}`,
        ...(progress.current === undefined ? {} : { current: progress.current }),
        ...(progress.total === undefined ? {} : { total: progress.total }),
      }),
  });
}

function servesPlatform({ config }: Image, { platform }: NeededBase): boolean {
  const own = formatPlatform({ os: config.os, architecture: config.architecture });
  return own === formatPlatform({ os: platform.os, architecture: platform.architecture });
}

function baseImage({ id, config, chainId }: Image): BaseImage {
  return { id, config, chainId };
}

/** Write the config and the tags: the only act of a build that others see. */
async function finish(
  { images }: BuilderParts,
  {
    plan,
    solution,
    input,
    options,
  }: {
    readonly plan: BuildPlan;
    readonly solution: Solution;
    readonly input: PlanInput;
    readonly options: BuildOptions;
  },
): Promise<Image> {
  const createdAt = new Map<number, string>();
  for (const [id, solved] of solution.solved) if (solved.createdAt) createdAt.set(id, solved.createdAt);
  const config = imageConfig(plan.image, {
    diffIds: solution.top.diffIds,
    createdAt,
    now: new Date().toISOString(),
    epochSeconds: input.epochSeconds,
  });
  return images.create(Buffer.from(JSON.stringify(config)), { tags: options.tags });
}
