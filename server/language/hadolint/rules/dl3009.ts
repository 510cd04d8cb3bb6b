import type { RunInstruction } from '../../instructions/types.ts';
import type { FileRule, FileSubject } from '../../lint/editorRule.ts';
import { appendCommand, removes } from '../cleanup.ts';
import type { Command } from '../command.ts';
import { isMountedOver } from '../mounts.ts';
import { type OutlineStage, outlineOf } from '../outline.ts';
import { type RunScript, runScript } from '../script.ts';
import { placeFinding } from '../scriptRule.ts';
import { shippedStages } from '../shippedStages.ts';

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
      for (const [index, { instruction, node }] of stage.steps.entries()) {
        if (instruction.kind !== 'RUN') continue;
        const script = runScript({ tree, node: instruction.node });
        const at = leftLists(script, instruction);
        if (!at) continue;
        const isDone = script.commands.some(isInstall) && !isNeededLater(stage, index, { file, tree });
        const fix = isDone ? appendCommand(script, `rm -rf ${lists}/*`) : undefined;
        const message = `The package lists stay in the image: remove ${lists}/*`;
        yield { ...placeFinding({ at, message, fix }, { tree, node: instruction.node }), node };
      }
    }
  },
};

/** The command that leaves lists behind. */
function leftLists({ commands }: RunScript, run: RunInstruction): Command | undefined {
  const update = commands.find(command => managers.has(command.name) && command.has('update'));
  if (!update || commands.some(command => removes(command, `${lists}/*`))) return undefined;
  if (isMountedOver(run, lists)) return undefined;
  return isMountedOver(run, '/var/lib/apt') && isMountedOver(run, '/var/cache/apt') ? undefined : update;
}

function isInstall(command: Command): boolean {
  return managers.has(command.name) && command.has('install');
}

/** Something behind may install from the lists without fetching them again. */
function isNeededLater(
  stage: OutlineStage,
  index: number,
  { file, tree }: Pick<FileSubject, 'file' | 'tree'>,
): boolean {
  const { stages } = outlineOf(file);
  const heirs = stages.filter(({ base }) => base !== '' && base === stage.alias);
  const later = [stage.steps.slice(index + 1), ...heirs.map(({ steps }) => steps)].flat();
  return later.some(({ instruction }) => {
    return instruction.kind === 'RUN' && runScript({ tree, node: instruction.node }).commands.some(isInstall);
  });
}
