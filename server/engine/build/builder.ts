import { SampanError } from '../../common/errors.ts';
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from '../../common/platform.ts';
import { type Dockerfile, parse } from '../../language/index.ts';
import { planWithBases } from './bases.ts';
import { openBuildCache } from './buildCache.ts';
import type { BuilderParts, BuildRun } from './buildContext.ts';
import { callMethod } from './callMethod.ts';
import { checkBuild } from './checks.ts';
import { imageConfig } from './imageConfig.ts';
import { namedContext, openContexts } from './openContexts.ts';
import { type BuiltPlatform, checkOutputs, writeOutputs } from './outputs.ts';
import type { PlanInput } from './planTypes.ts';
import { StepReporter } from './progress.ts';
import { fetchContext } from './remoteContext.ts';
import { type Solution, solve } from './solve.ts';
import { cancelled } from './stepFailure.ts';
import type { Builder, BuildOptions, BuildResult } from './types.ts';

/** The builder over the parts of the engine. */
export function createBuilder(parts: BuilderParts): Builder {
  return {
    build: options => build(parts, options),
    call: options => callMethod(parts, options),
    fetchContext: (remote, options) => fetchContext(parts, remote, options),
  };
}

async function build(parts: BuilderParts, options: BuildOptions): Promise<BuildResult> {
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
  // One after the other: what a stage for the build's own platform makes is in the cache for the next.
  for (const platform of platforms) {
    const isOneOf = platforms.length > 1;
    const one = await buildPlatform(parts, { options, dockerfile, platform, isOneOf, opened, signal });
    const made = [...one.solution.solved.values()].filter(solved => solved.createdAt !== undefined);
    counts.steps += made.length;
    counts.cachedSteps += made.filter(solved => solved.cached).length;
    built.push(one);
  }
  const { context, contexts } = await opened;
  const [written] = await Promise.all([
    writeOutputs(parts, { outputs, built, tags: options.tags, signal }),
    ...[context, ...contexts.values()].map(one => one.save()),
  ]);
  return { ...written, ...counts, milliseconds: Math.round(performance.now() - began) };
}

async function buildPlatform(
  parts: BuilderParts,
  work: {
    readonly options: BuildOptions;
    readonly dockerfile: Dockerfile;
    readonly platform: Platform;
    readonly isOneOf: boolean;
    readonly opened: Promise<Pick<BuildRun, 'context' | 'contexts'>>;
    readonly signal: AbortSignal;
  },
): Promise<BuiltPlatform & { readonly solution: Solution }> {
  const { options, dockerfile, platform, signal } = work;
  const report = new StepReporter(options.onProgress ?? (() => undefined), {
    prefix: work.isOneOf ? formatPlatform(platform) : '',
  });
  const input = planInput(options, platform);
  const { plan, bases } = await planWithBases(parts, { dockerfile, input, options });
  report.plan(plan.nodes);
  const { context, contexts } = await work.opened;
  const checked = { input: { ...input, bases }, ignore: context.ignore };
  for (const warning of checkBuild(dockerfile, checked)) report.warning(warning);
  const cache = openBuildCache(parts);
  const noCache = options.noCache ?? false;
  const secrets = options.secrets ?? {};
  const run = { ...parts, cache, context, contexts, secrets, noCache, signal, report };
  const solution = await solve(plan, run);
  if (signal.aborted) throw cancelled();
  const createdAt = new Map<number, string>();
  for (const [id, solved] of solution.solved) if (solved.createdAt) createdAt.set(id, solved.createdAt);
  const { epochSeconds } = input;
  const { diffIds, chainId } = solution.top;
  const now = new Date().toISOString();
  const config = Buffer.from(
    JSON.stringify(imageConfig(plan.image, { diffIds, createdAt, now, epochSeconds })),
  );
  const baseLayers = plan.image.base?.config.rootfs.diff_ids.length ?? 0;
  return { solution, platform, config, baseLayers, chainId, epochSeconds };
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
