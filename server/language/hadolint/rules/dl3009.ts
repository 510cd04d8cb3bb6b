import type { RunInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import type { Tree } from '../../syntax/tree.ts';
import { appendCommand, removes } from '../cleanup.ts';
import type { Command } from '../command.ts';
import { isMountedOver } from '../mounts.ts';
import { outlineOf, type StagePart, type Step, StepFilter } from '../outline.ts';
import { type RunScript, runScript } from '../script.ts';
import { placeFinding } from '../scriptRule.ts';
import { shippedStages } from '../shippedStages.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';

const managers = new Set(['apt', 'apt-get', 'aptitude']);
const lists = '/var/lib/apt/lists';

/** The package lists of apt do not stay in the image. */
export const dl3009: FileRule = {
  id: 'DL3009',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'The lists of apt-get update are removed again',
  documentation:
    'The package lists are some twenty megabytes that are out of date soon. Remove them in the `RUN` that fetched them, or mount a cache there. Stages that do not get into an image do not count.\n\n```dockerfile\nRUN apt-get update \\\n    && apt-get install -y --no-install-recommends curl=7.88.* \\\n    && rm -rf /var/lib/apt/lists/*\n```',
  *check({ file, tree }) {
    const outline = outlineOf(file);
    for (const stage of [...shippedStages(outline), ...outline.triggers]) {
      const runs = stage.where(concerned, tree);
      const left = found.of(runs, tree);
      if (left.length === 0) continue;
      // A stage that is built on this one may install from the lists.
      const hasHeirs = stage.alias !== undefined && outline.stages.some(({ base }) => base === stage.alias);
      if (!hasHeirs) yield* left;
      else for (const { start, end, node, message } of left) yield { start, end, node, message };
    }
  },
};

const found = new StageMemo((stage, tree) => placeFindings(findIn(stage, tree)));

/** What leaves lists behind, and what may need them. */
const concerned = new StepFilter((step, tree) => {
  const { instruction } = step;
  if (instruction.kind !== 'RUN') return false;
  const script = runScript({ tree, node: instruction.node });
  return installs(script) || leftLists(script, instruction) !== undefined;
});

function* findIn({ steps }: StagePart, tree: Tree): Generator<StageFinding> {
  const last = steps.findLastIndex(step => installsIn(step, tree));
  for (const [index, { instruction, node }] of steps.entries()) {
    if (instruction.kind !== 'RUN') continue;
    const place = { tree, node: instruction.node };
    const script = runScript(place);
    const at = leftLists(script, instruction);
    if (!at) continue;
    const isDone = installs(script) && last <= index;
    const fix = isDone ? appendCommand(script, `rm -rf ${lists}/*`) : undefined;
    const message = `The package lists stay in the image: remove ${lists}/*`;
    yield { ...placeFinding({ at, message, fix }, place), node };
  }
}

/** The command that leaves lists behind. */
function leftLists({ commands }: RunScript, run: RunInstruction): Command | undefined {
  const update = commands.find(command => managers.has(command.name) && command.has('update'));
  if (!update || commands.some(command => removes(command, `${lists}/*`))) return undefined;
  if (isMountedOver(run, lists)) return undefined;
  return isMountedOver(run, '/var/lib/apt') && isMountedOver(run, '/var/cache/apt') ? undefined : update;
}

function installs({ commands }: RunScript): boolean {
  return commands.some(({ name, args }) => managers.has(name) && args.some(({ text }) => text === 'install'));
}

/** From the lists that were fetched before. */
function installsIn({ instruction }: Step, tree: Tree): boolean {
  return instruction.kind === 'RUN' && installs(runScript({ tree, node: instruction.node }));
}
