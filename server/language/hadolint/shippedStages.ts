import type { Outline, OutlineStage } from './outline.ts';

/**
 * The stages whose content gets into an image: the last one and those that another stage is built on. Of the others
 * only single files are copied, if at all.
 */
export function shippedStages({ stages }: Outline): OutlineStage[] {
  const bases = new Set(stages.map(({ base }) => base));
  const last = stages.at(-1);
  return stages.filter(stage => {
    if (stage === last || isSameImage(stage, last)) return true;
    return stage.alias !== undefined && bases.has(stage.alias);
  });
}

/** Written the same, so that hadolint takes one for the other. */
function isSameImage({ from, alias }: OutlineStage, last: OutlineStage | undefined): boolean {
  if (!from || !last?.from) return false;
  const isSamePlatform = from.platform?.text === last.from.platform?.text;
  return from.image.text === last.from.image.text && alias === last.alias && isSamePlatform;
}
