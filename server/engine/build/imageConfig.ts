import type { Digest } from '../../common/digest.ts';
import type { HistoryEntry, ImageConfig, RunConfig } from '../image/types.ts';
import type { PlannedImage } from './planTypes.ts';
import { inlineField } from './remoteCache/config.ts';

/** What the operations of a plan made, as far as the config needs it. */
export interface MadeLayers {
  /** All of the image, the base's first. */
  readonly diffIds: readonly Digest[];
  /** RFC 3339, of the layer that a history entry's node made. */
  readonly createdAt: ReadonlyMap<number, string>;
  /** For an image without any time of its own. */
  readonly now: string;
  readonly epochSeconds: number | undefined;
  /** Records of an inline cache, as {@link inlineField} has them. */
  readonly inlineCache?: string | undefined;
}

const comment = 'buildkit.dockerfile.v0';

/**
 * The image's config. Times are those of the layers, so a build that is cached throughout gives the very
 * same image: an entry without a layer gets the time of the one before it, the first ones that of the first
 * new layer (BuildKit exporter/containerimage normalizeLayersAndHistory).
 */
export function imageConfig(
  image: PlannedImage,
  made: MadeLayers,
): ImageConfig & { readonly [inlineField]?: string } {
  const history = [...(image.base?.config.history ?? []), ...newHistory(image, made)];
  const created = history.at(-1)?.created ?? image.base?.config.created ?? made.now;
  return {
    ...(image.author ? { author: image.author } : {}),
    architecture: image.platform.architecture,
    ...(image.platform.variant ? { variant: image.platform.variant } : {}),
    os: image.platform.os,
    config: runConfig(image.config),
    created: epochTime(made) ?? created,
    history,
    rootfs: { type: 'layers', diff_ids: made.diffIds },
    ...(made.inlineCache !== undefined && { [inlineField]: made.inlineCache }),
  };
}

function newHistory({ history, base }: PlannedImage, made: MadeLayers): readonly HistoryEntry[] {
  const fixed = epochTime(made);
  const first = history.map(entry => timeOf(entry.node, made)).find(time => time !== undefined);
  let at = fixed ?? first ?? base?.config.created ?? made.now;
  return history.map(({ createdBy, node }) => {
    at = fixed ?? timeOf(node, made) ?? at;
    const entry = { created: at, created_by: createdBy, comment };
    return node === undefined ? { ...entry, empty_layer: true } : entry;
  });
}

function timeOf(node: number | undefined, made: MadeLayers): string | undefined {
  return node === undefined ? undefined : made.createdAt.get(node);
}

function epochTime({ epochSeconds }: MadeLayers): string | undefined {
  return epochSeconds === undefined
    ? undefined
    : new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Without fields that say nothing, as Go's omitempty. */
function runConfig(config: RunConfig): RunConfig {
  const entries = Object.entries(config).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
