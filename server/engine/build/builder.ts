import { SampanError } from '../../common/errors.ts';
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from '../../common/platform.ts';
import { type Dockerfile, parse } from '../../language/index.ts';
import { parseExtraHost } from '../container/create.ts';
import { planWithBases, planWithLocalBases } from './bases.ts';
import { openBuildCache } from './buildCache.ts';
import type { BuilderParts, BuildRun } from './buildContext.ts';
import { callMethod } from './callMethod.ts';
import { checkBuild } from './checks.ts';
import { EtcLooks } from './etcLooks.ts';
import { Explainer } from './explain/explainer.ts';
import { type Prediction, predict } from './explain/predict.ts';
import { readTrace, type TraceIdentity, writeTrace } from './explain/trace.ts';
import type { TracedStep } from './explain/types.ts';
import { FailedSteps } from './failedSteps.ts';
import { imageConfig } from './imageConfig.ts';
import { namedContext, openContexts } from './openContexts.ts';
import { type BuiltPlatform, checkOutputs, writeOutputs } from './outputs.ts';
import type { BaseImage, BuildPlan, PlanInput } from './planTypes.ts';
import { StepReporter } from './progress.ts';
import { encodeInline } from './remoteCache/config.ts';
import { type CachedStep, exportCache, stepsToCache } from './remoteCache/exportCache.ts';
import { openCaches, withImports } from './remoteCache/importCache.ts';
import { fetchContext } from './remoteContext.ts';
import { type Solution, solve } from './solve.ts';
import { cancelled } from './stepFailure.ts';
import type { Builder, BuildOptions, BuildResult, CacheTarget } from './types.ts';
import { withSmallYoungHeap } from './youngHeap.ts';

/** The builder over the parts of the engine. */
export function createBuilder(parts: BuilderParts): Builder {
  const failedSteps = new FailedSteps();
  return {
    build: options =>
      withSmallYoungHeap(() =>
        build({ ...parts, failedSteps: options.keepFailed ? failedSteps : undefined }, options),
      ),
    openShell: (id, options) => failedSteps.open(id, options),
    forget: id => failedSteps.forget(id),
    close: () => failedSteps.close(),
    call: options => callMethod(parts, options),
    fetchContext: (remote, options) => fetchContext(parts, remote, options),
  };
}

async function build(parts: BuildParts, options: BuildOptions): Promise<BuildResult> {
  const began = performance.now();
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) throw cancelled();
  const platforms = platformsOf(options);
  const outputs = options.outputs ?? [{ kind: 'image' }];
  checkOutputs(outputs, platforms);
  const dockerfile = parse(options.dockerfile.text);
  const opened = openContexts(parts, options);
  opened.catch(() => undefined);
  const built: BuiltPlatform[] = [];
  const counts = { steps: 0, cachedSteps: 0 };
  const cached = new Map((options.cacheTo ?? []).map((target): [CacheTarget, CachedStep[]] => [target, []]));
  // One after the other: what a stage for the build's own platform makes is in the cache for the next.
  for (const platform of platforms) {
    const isOneOf = platforms.length > 1;
    const one = { options, dockerfile, platform, isOneOf, opened, signal };
    if (options.dryRun) {
      const { hits, misses, unknown } = await predictPlatform(parts, one);
      counts.steps += hits + misses + unknown;
      counts.cachedSteps += hits;
      continue;
    }
    const { solution, plan, ...made } = await buildPlatform(parts, one);
    for (const [target, steps] of cached)
      steps.push(...(await stepsToCache(parts, { plan, solution, mode: target.mode })));
    const layers = [...solution.solved.values()].filter(solved => solved.createdAt !== undefined);
    counts.steps += layers.length;
    counts.cachedSteps += layers.filter(solved => solved.cached).length;
    built.push(made);
  }
  const { context, contexts } = await opened;
  const [written] = await Promise.all([
    writeOutputs(parts, { outputs: options.dryRun ? [] : outputs, built, tags: options.tags, signal }),
    ...[context, ...contexts.values()].map(one => one.save()),
  ]);
  const onProgress = options.onProgress ?? (() => undefined);
  if (!options.dryRun)
    for (const [target, steps] of cached) await exportCache(parts, { target, steps, signal, onProgress });
  return { ...written, ...counts, milliseconds: Math.round(performance.now() - began) };
}

/** The engine's parts, and what this build keeps of a failure. */
type BuildParts = BuilderParts & Pick<BuildRun, 'failedSteps'>;

interface PlatformWork {
  readonly options: BuildOptions;
  readonly dockerfile: Dockerfile;
  readonly platform: Platform;
  readonly isOneOf: boolean;
  readonly opened: Promise<Pick<BuildRun, 'context' | 'contexts'>>;
  readonly signal: AbortSignal;
}

async function buildPlatform(
  parts: BuildParts,
  work: PlatformWork,
): Promise<BuiltPlatform & { readonly solution: Solution; readonly plan: BuildPlan }> {
  const { options, dockerfile, platform, signal } = work;
  const onProgress = options.onProgress ?? (() => undefined);
  const places = options.noCache ? [] : (options.cacheFrom ?? []);
  const importing = openCaches(parts, places, { platform, signal, onProgress });
  importing.catch(() => undefined);
  const input = planInput(options, platform);
  const trace = readTrace(parts.store, traceIdentity(parts, work));
  const { plan, bases } = await planWithBases(parts, { dockerfile, input, options });
  const opened = await openRun(parts, { work, input: { ...input, bases }, plan, trace: await trace });
  const caches = await importing;
  const run = { ...opened, cache: withImports(opened.cache, parts, { caches, signal }) };
  const solution = await solve(plan, run).finally(async () => {
    await Promise.all(caches.map(({ source }) => source.close()));
    const steps = run.explainer.trace();
    // Without it the next build explains less: no reason to fail this one, or to hide why it failed.
    if (steps) await writeTrace(parts.store, traceIdentity(parts, work), steps).catch(() => undefined);
  });
  if (signal.aborted) throw cancelled();
  const createdAt = new Map<number, string>();
  for (const [id, solved] of solution.solved) if (solved.createdAt) createdAt.set(id, solved.createdAt);
  const { epochSeconds } = input;
  const { diffIds, chainId } = solution.top;
  const now = new Date().toISOString();
  const isInline = options.inlineCache || input.buildArgs.get('BUILDKIT_INLINE_CACHE') === '1';
  const inlineCache = isInline ? await inlineRecords(parts, { plan, solution }) : undefined;
  const made = { diffIds, createdAt, now, epochSeconds, inlineCache };
  const config = Buffer.from(JSON.stringify(imageConfig(plan.image, made)));
  const baseLayers = plan.image.base?.config.rootfs.diff_ids.length ?? 0;
  return { solution, plan, platform, config, baseLayers, chainId, epochSeconds };
}

async function inlineRecords(
  parts: BuilderParts,
  { plan, solution }: { readonly plan: BuildPlan; readonly solution: Solution },
): Promise<string> {
  const steps = await stepsToCache(parts, { plan, solution, mode: 'min' });
  return encodeInline(steps, solution.top.diffIds);
}

async function predictPlatform(parts: BuildParts, work: PlatformWork): Promise<Prediction> {
  const { options, dockerfile, platform } = work;
  const input = planInput(options, platform);
  const trace = await readTrace(parts.store, traceIdentity(parts, work));
  const { plan, bases, missing } = await planWithLocalBases(parts, { dockerfile, input, options });
  const run = await openRun(parts, { work, input: { ...input, bases }, plan, trace });
  return predict(plan, run, { missing });
}

/** Tells the plan and what its checks find, and waits for the contexts. */
async function openRun(
  parts: BuildParts,
  {
    work,
    input,
    plan,
    trace,
  }: {
    readonly work: PlatformWork;
    readonly input: PlanInput & { readonly bases: ReadonlyMap<string, BaseImage> };
    readonly plan: BuildPlan;
    readonly trace: readonly TracedStep[];
  },
): Promise<BuildRun> {
  const { options, dockerfile, platform, signal } = work;
  const report = new StepReporter(options.onProgress ?? (() => undefined), {
    prefix: work.isOneOf ? formatPlatform(platform) : '',
  });
  report.plan(plan.nodes);
  const { context, contexts } = await work.opened;
  for (const warning of checkBuild(dockerfile, { input, ignore: context.ignore })) report.warning(warning);
  return {
    ...parts,
    cache: openBuildCache(parts),
    context,
    contexts,
    secrets: options.secrets ?? {},
    etcLooks: new EtcLooks(),
    ssh: options.ssh ?? {},
    noCache: options.noCache ?? false,
    signal,
    report,
    explainer: new Explainer(trace, plan.nodes),
  };
}

/** A context that was fetched lies in another folder each time: the tags tell whether it is the same build again. */
function traceIdentity(
  { store }: BuilderParts,
  { options, platform }: PlatformWork,
): TraceIdentity | undefined {
  const { contextDirectory = '', dockerfile, tags } = options;
  const isFetched = contextDirectory.startsWith(`${store.paths.tmp}/`);
  if (isFetched && tags.length === 0) return undefined;
  return {
    contextDirectory: isFetched ? tags.join(' ') : contextDirectory,
    dockerfile: isFetched ? dockerfile.path.slice(contextDirectory.length) : dockerfile.path,
    platform: formatPlatform(platform),
  };
}

function platformsOf({ platforms = [] }: BuildOptions): readonly Platform[] {
  const host = hostPlatform(process.arch);
  if (platforms.length === 0) return [host];
  const parsed = platforms.map(text => parsePlatform(text, host));
  return [...new Map(parsed.map(platform => [formatPlatform(platform), platform])).values()];
}

function planInput(options: BuildOptions, platform: Platform): PlanInput {
  const buildArgs = new Map(Object.entries(options.buildArgs ?? {}));
  return {
    target: options.target,
    buildArgs,
    labels: new Map(Object.entries(options.labels ?? {})),
    platform,
    hostPlatform: hostPlatform(process.arch),
    network: options.network ?? 'default',
    contexts: new Map(
      Object.entries(options.contexts ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        namedContext(value),
      ]),
    ),
    extraHosts: options.extraHosts?.map(checkedHost) ?? [],
    allow: new Set(options.allow),
    noCacheStages: new Set(options.noCacheFilter?.map(name => name.toLowerCase())),
    bases: new Map(),
    epochSeconds: epochOf(buildArgs.get('SOURCE_DATE_EPOCH')),
  };
}

/** Throws `invalid-argument`. */
function checkedHost(entry: string): string {
  const { name, address } = parseExtraHost(entry);
  return `${name}:${address}`;
}

function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new SampanError('invalid-argument', `SOURCE_DATE_EPOCH is not a number of seconds: ${text}.`);
}
