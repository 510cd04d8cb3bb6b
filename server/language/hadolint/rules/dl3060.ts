import type { FileRule } from '../../lint/editorRule.ts';
import type { Tree } from '../../syntax/tree.ts';
import { type DownloadCache, leavesCache, leftCache } from '../cleanup.ts';
import { isMountedOver } from '../mounts.ts';
import { outlineOf, type StagePart, StepFilter } from '../outline.ts';
import { type RunScript, runScript } from '../script.ts';
import { placeFinding } from '../scriptRule.ts';
import { shippedStages } from '../shippedStages.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

const yarn: DownloadCache = { program: 'yarn', fills: ['install'], empties: ['cache', 'clean'] };

/** The cache of yarn does not stay in the image. */
export const dl3060: FileRule = {
  id: 'DL3060',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'yarn cache clean follows yarn install',
  documentation:
    'yarn keeps what it downloaded, which nobody uses again in an image. Empty the cache in the same `RUN`, or mount one at `/root/.cache/yarn`. Stages that do not get into an image do not count.\n\n```dockerfile\nRUN yarn install --frozen-lockfile && yarn cache clean\n```',
  *check({ file, tree }) {
    const outline = outlineOf(file);
    for (const stage of [...shippedStages(outline), ...outline.triggers]) {
      const runs = stage.where(filling, tree);
      const left = found.of(runs, tree);
      if (left.length > 0) yield* left;
    }
  },
};

const filling = new StepFilter(({ instruction }, tree) => {
  if (instruction.kind !== 'RUN') return false;
  return leavesCache(runScript({ tree, node: instruction.node }), yarn) !== undefined;
});

const found = new StageMemo((stage, tree) => placeFindings(findIn(stage, tree)));

function* findIn({ steps }: StagePart, tree: Tree): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'RUN') continue;
    const place = { tree, node: instruction.node };
    const script = runScript(place);
    const at = leavesCache(script, yarn);
    if (!at || (!empties(script) && isMountedOver(instruction, '.cache/yarn'))) continue;
    yield { ...placeFinding(leftCache(at, script, 'yarn cache clean'), place), node };
  }
}

function empties({ commands }: RunScript): boolean {
  return commands.some(command => command.name === yarn.program && command.has(...yarn.empties));
}
