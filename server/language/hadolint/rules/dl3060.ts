import type { RunInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import type { Tree } from '../../syntax/tree.ts';
import { appendCommand, isCleanedUp } from '../cleanup.ts';
import type { Command } from '../command.ts';
import { isMountedOver } from '../mounts.ts';
import { outlineOf, type StagePart } from '../outline.ts';
import { type RunScript, runScript } from '../script.ts';
import { placeFinding } from '../scriptRule.ts';
import { shippedStages } from '../shippedStages.ts';
import { type StageFinding, StageFindings, StageMemo } from '../stageMemo.ts';

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
      const runs = stage.only('RUN');
      const left = found.of(runs, tree);
      if (!left.isEmpty) yield* left.place(runs);
    }
  },
};

const found = new StageMemo((stage, tree) => new StageFindings(stage, findIn(stage, tree)));

function* findIn({ steps }: StagePart, tree: Tree): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'RUN') continue;
    const place = { tree, node: instruction.node };
    const script = runScript(place);
    const at = uncleaned(script, instruction);
    if (!at) continue;
    const message = 'The cache of yarn stays in the image: add yarn cache clean';
    const fix = appendCommand(script, 'yarn cache clean');
    yield { ...placeFinding({ at, message, fix }, place), node };
  }
}

function uncleaned({ commands }: RunScript, run: RunInstruction): Command | undefined {
  const yarn = commands.filter(({ name }) => name === 'yarn');
  const installing = yarn.filter(command => command.has('install'));
  const cleaning = yarn.filter(command => command.has('cache', 'clean'));
  if (cleaning.length === 0 && isMountedOver(run, '.cache/yarn')) return undefined;
  return isCleanedUp(installing, cleaning) ? undefined : installing[0];
}
