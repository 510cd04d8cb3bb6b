import { createHash } from 'node:crypto';
import { formatPlatform, hostPlatform, type Platform } from '../../common/platform.ts';
import type { Dockerfile } from '../../language/index.ts';
import type { Image, ImageConfig } from '../image/types.ts';
import { openBuildCache } from './buildCache.ts';
import type { BuilderParts } from './buildContext.ts';
import { layoutPlaceOf } from './layoutPlace.ts';
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
  parts: Pick<BuilderParts, 'images' | 'store' | 'snapshots'>,
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
    const place = layoutPlaceOf(need.reference);
    const local = place || options.pull ? undefined : await findLocal(parts, need);
    if (local) return baseImage(local);
    const { os, architecture, variant } = need.platform;
    const platform = { os, architecture, ...(variant && { variant }) };
    const config: ImageConfig = { ...platform, rootfs: { type: 'layers', diff_ids: [] } };
    const base: BaseImage = { id: `sha256:${'0'.repeat(64)}`, config, chainId: undefined };
    missing.add(base);
    return base;
  };
  return { ...(await planFinding(find, { dockerfile, input })), missing };
}

/** From the store, else from its registry; that of an OCI layout from its folder. */
async function findBase(
  parts: BuilderParts,
  { need, options }: { readonly need: NeededBase; readonly options: BuildOptions },
): Promise<BaseImage> {
  try {
    const place = layoutPlaceOf(need.reference);
    const { platform } = need;
    if (place) return await parts.images.unpackLayout(place, { platform, signal: options.signal });
    const local = options.pull ? undefined : await findLocal(parts, need);
    return baseImage(local ?? (await pullBase(parts, { need, options })));
  } catch (error) {
    throw located(error, need.lines);
  }
}

/** What the name stands for here; for another platform than its own, what was last pulled for that. */
async function findLocal(
  parts: Pick<BuilderParts, 'images' | 'store' | 'snapshots'>,
  need: NeededBase,
): Promise<Image | undefined> {
  const named = await parts.images.find(need.reference);
  if (named && servesPlatform(named, need)) return named;
  const id = await openBuildCache(parts).findFact(foreignKey(need));
  const foreign = id === undefined ? undefined : await parts.images.find(id);
  return foreign && servesPlatform(foreign, need) ? foreign : undefined;
}

/** Key of the fact "which image a name stands for on a platform that is not the one its tag is for here". */
function foreignKey({ reference, platform }: NeededBase): string {
  const text = `foreign base ${reference} ${formatPlatform(platform)}`;
  return createHash('sha256').update(text).digest('hex');
}

/** A tag stays with the platform that it is for here, and is for the host's when it is new. */
async function keepsTag({ images }: Pick<BuilderParts, 'images'>, need: NeededBase): Promise<boolean> {
  const named = await images.find(need.reference);
  const own = named?.config ?? hostPlatform(process.arch);
  return !isSamePlatform(own, need.platform);
}

/** A step of its own before those of the plan, which needs the image to be made. */
async function pullBase(
  parts: Pick<BuilderParts, 'images' | 'store' | 'snapshots'>,
  { need, options }: { readonly need: NeededBase; readonly options: BuildOptions },
): Promise<Image> {
  const { signal, onProgress = () => undefined } = options;
  const step = `pull ${need.reference} ${formatPlatform(need.platform)}`;
  const name = `[internal] load metadata and layers of ${need.reference}`;
  onProgress({ kind: 'plan', steps: [{ id: step, name, stage: '', inputs: [] }] });
  const reported = reportStep(onProgress, step);
  const items = new PullItems(event => onProgress({ kind: 'progress', step, ...event }));
  try {
    const keepTag = await keepsTag(parts, need);
    const image = await parts.images.pull(need.reference, {
      platform: need.platform,
      keepTag,
      ...(signal ? { signal } : {}),
      onProgress: progress => items.handle(progress),
    });
    if (keepTag) await openBuildCache(parts).saveFact(foreignKey(need), image.id);
    reported.done({ cached: false });
    return image;
  } catch (error) {
    reported.failed(error);
    throw error;
  }
}

function servesPlatform({ config }: Image, { platform }: NeededBase): boolean {
  return isSamePlatform(config, platform);
}

/** Variants run on each other. */
function isSamePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture;
}

function baseImage({ id, config, chainId }: Image): BaseImage {
  return { id, config, chainId };
}
