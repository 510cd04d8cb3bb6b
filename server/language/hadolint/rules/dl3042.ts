import type { EnvInstruction, RunInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import type { Tree } from '../../syntax/tree.ts';
import type { Command } from '../command.ts';
import { isMountedOver } from '../mounts.ts';
import { ofKind, outlineOf, StageFlags, type StagePart, StepFilter } from '../outline.ts';
import { isPipInstall } from '../pip.ts';
import { unquote } from '../quotes.ts';
import { type RunScript, runScript } from '../script.ts';
import { placeFinding } from '../scriptRule.ts';
import { placeFindings, type StageFinding, StageMemo } from '../stageMemo.ts';
import { missingSwitch } from '../switches.ts';

/** The cache of pip does not stay in the image. */
export const dl3042: FileRule = {
  id: 'DL3042',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'pip install keeps no cache in the image',
  documentation:
    'pip keeps what it downloads and builds, which nobody uses again in an image. Say `--no-cache-dir`, set `PIP_NO_CACHE_DIR=1`, or mount a cache at `/root/.cache/pip`.\n\n```dockerfile\nRUN pip install --no-cache-dir requests==2.32.3\n```',
  *check({ file, tree }) {
    const outline = outlineOf(file);
    for (const stages of [outline.stages, outline.triggers]) {
      const flags = new StageFlags();
      for (const stage of stages) {
        const runs = stage.where(caching, tree);
        const environment = stage.where(ofKind('ENV'), tree);
        const left = cachingMemo.of(runs, tree);
        const at = offMemo.of(environment, tree);
        const off = at < 0 ? undefined : environment.steps[at]?.node;
        const isInherited = flags.isInherited(stage);
        flags.close(stage, isInherited || off !== undefined);
        if (isInherited || left.length === 0) continue;
        yield* left.filter(({ node }) => off === undefined || node.start < off.start);
      }
    }
  },
};

const caching = new StepFilter(({ instruction }, tree) => {
  if (instruction.kind !== 'RUN') return false;
  return cachingCommands(runScript({ tree, node: instruction.node }), instruction).length > 0;
});

/** Installations that keep a cache. */
const cachingMemo = new StageMemo((stage, tree) => placeFindings(findIn(stage, tree)));

/** Which of the ENV is the first that switches it off; -1 for none. */
const offMemo = new StageMemo(({ steps }) =>
  steps.findIndex(({ instruction }) => instruction.kind === 'ENV' && switchesOff(instruction)),
);

function* findIn({ steps }: StagePart, tree: Tree): Generator<StageFinding> {
  for (const { instruction, node } of steps) {
    if (instruction.kind !== 'RUN') continue;
    const place = { tree, node: instruction.node };
    const finding = missingSwitch(cachingCommands(runScript(place), instruction), {
      text: '--no-cache-dir',
      message: 'The cache of pip stays in the image: add --no-cache-dir',
      behind: command => command.find('install'),
    });
    if (finding) yield { ...placeFinding(finding, place), node };
  }
}

const truth = '1|true|True|TRUE|on|On|ON|yes|Yes|YES';
const isTrue = new RegExp(`^(?:${truth})$`);
const beginsTrue = new RegExp(`^(?:${truth})`);

function switchesOff({ pairs }: EnvInstruction): boolean {
  const pair = pairs.find(({ key }) => key.text === 'PIP_NO_CACHE_DIR');
  return pair !== undefined && isTrue.test(unquote(pair.value.text));
}

function cachingCommands({ commands, pipNoCacheDir }: RunScript, run: RunInstruction): Command[] {
  if (beginsTrue.test(pipNoCacheDir ?? '') || isMountedOver(run, '.cache/pip')) return [];
  return commands.filter(
    command => isPipInstall(command) && !command.has('--no-cache-dir') && !isWrapper(command),
  );
}

/** pipx and pipenv have options of their own. */
function isWrapper(command: Command): boolean {
  return ['pipx', 'pipenv'].some(
    wrapper =>
      command.name.includes(wrapper) ||
      (command.name.startsWith('python') && command.hasSequence('-m', wrapper)),
  );
}
