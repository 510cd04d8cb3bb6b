import { formatPlatform } from '../../common/platform.ts';
import type { Dockerfile } from '../../language/index.ts';
import type { Image, ImageConfig } from '../image/types.ts';
import type { BuilderParts } from './buildContext.ts';
import { planBuild } from './plan.ts';
import { located } from './planError.ts';
import type { BaseImage, BuildPlan, NeededBase, PlanInput } from './planTypes.ts';
import { reportStep } from './progress.ts';
import { PullItems } from './pullItems.ts';
import type { BuildOptions } from './types.ts';

/** Plan, getting the base images that the plan asks for. */
export async function planWithBases(
  parts: BuilderParts,
  {
    dockerfile,
    input,
    options,
  }: { readonly dockerfile: Dockerfile; readonly input: PlanInput; readonly options: BuildOptions },
): Promise<{ readonly plan: BuildPlan; readonly bases: ReadonlyMap<string, BaseImage> }> {
  return planFinding(need => findBase(parts, { need, options }), { dockerfile, input });
}

async function planFinding(
  find: (need: NeededBase) => Promise<BaseImage>,
  { dockerfile, input }: { readonly dockerfile: Dockerfile; readonly input: PlanInput },
): Promise<{ readonly plan: BuildPlan; readonly bases: ReadonlyMap<string, BaseImage> }> {
  const bases = new Map(input.bases);
  for (;;) {
    const result = planBuild(dockerfile, { ...input, bases });
    if (result.plan) return { plan: result.plan, bases };
    const found = await Promise.all(result.needs.map(find));
    for (const [index, need] of result.needs.entries()) bases.set(need.key, found[index] as BaseImage);
  }
}

/** As {@link planWithBases} with what the store has: for an image that a build would fetch stands one that is empty. */
export async function planWithLocalBases(
  { images }: Pick<BuilderParts, 'images'>,
  {
    dockerfile,
    input,
    options,
  }: { readonly dockerfile: Dockerfile; readonly input: PlanInput; readonly options: BuildOptions },
): Promise<{
  readonly plan: BuildPlan;
  readonly bases: ReadonlyMap<string, BaseImage>;
  readonly missing: ReadonlySet<BaseImage>;
}> {
  const missing = new Set<BaseImage>();
  const find = async (need: NeededBase) => {
    const local = options.pull ? undefined : await images.find(need.reference);
    if (local && servesPlatform(local, need)) return baseImage(local);
    const { os, architecture, variant } = need.platform;
    const platform = { os, architecture, ...(variant && { variant }) };
    const config: ImageConfig = { ...platform, rootfs: { type: 'layers', diff_ids: [] } };
    const base: BaseImage = { id: `sha256:${'0'.repeat(64)}`, config, chainId: undefined };
    missing.add(base);
    return base;
  };
  return { ...(await planFinding(find, { dockerfile, input })), missing };
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

/** A step of its own before those of the plan, which needs the image to be made. */
async function pullBase(
  { images }: Pick<BuilderParts, 'images'>,
  { need, options }: { readonly need: NeededBase; readonly options: BuildOptions },
): Promise<Image> {
  const { signal, onProgress = () => undefined } = options;
  const step = `pull ${need.reference} ${formatPlatform(need.platform)}`;
  const name = `[internal] load metadata and layers of ${need.reference}`;
  onProgress({ kind: 'plan', steps: [{ id: step, name, stage: '', inputs: [] }] });
  const reported = reportStep(onProgress, step);
  const items = new PullItems(event => onProgress({ kind: 'progress', step, ...event }));
  try {
    const image = await images.pull(need.reference, {
      platform: need.platform,
      ...(signal ? { signal } : {}),
      onProgress: progress => items.handle(progress),
    });
    reported.done({ cached: false });
    return image;
  } catch (error) {
    reported.failed(error);
    throw error;
  }
}

function servesPlatform({ config }: Image, { platform }: NeededBase): boolean {
  const own = formatPlatform({ os: config.os, architecture: config.architecture });
  return own === formatPlatform({ os: platform.os, architecture: platform.architecture });
}

function baseImage({ id, config, chainId }: Image): BaseImage {
  return { id, config, chainId };
}
