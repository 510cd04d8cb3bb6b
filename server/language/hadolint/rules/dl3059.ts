import type { RunInstruction } from '../../instructions/types.ts';
import type { FileRule } from '../../lint/editorRule.ts';
import { PageMemo } from '../../syntax/nodeMemo.ts';
import type { Tree } from '../../syntax/tree.ts';
import { outlineOf, type Piece, type Step } from '../outline.ts';
import { runScript } from '../script.ts';
import { type PlacedStageFinding, placeFindings, type StageFinding } from '../stageMemo.ts';

/** Commands that belong together make one layer. */
export const dl3059: FileRule = {
  id: 'DL3059',
  source: 'hadolint',
  scope: 'file',
  severity: 'information',
  summary: 'Single commands that follow each other share a RUN',
  documentation:
    'Each `RUN` makes a layer. Single commands in a row can share one. Where one of them has several commands already, the division is taken to be meant, as it is between different `--mount`, `--network` and `--security` flags.\n\n```dockerfile\nRUN ./configure \\\n    && make\n```',
  *check({ file, tree }) {
    for (const { pieces } of outlineOf(file).stages) {
      let before: Step | undefined;
      for (const piece of pieces) {
        yield* findIn(piece, before, tree);
        before = piece.steps.at(-1) ?? before;
      }
    }
  },
};

interface Found {
  readonly before: Step | undefined;
  readonly findings: readonly PlacedStageFinding[];
}

const foundOf = new PageMemo<Found>();

function findIn(piece: Piece, before: Step | undefined, tree: Tree): Found['findings'] {
  const known = foundOf.get(piece);
  if (known?.before === before && known) return known.findings;
  const findings = placeFindings(neighbours(before ? [before, ...piece.steps] : piece.steps, tree));
  foundOf.set(piece, { before, findings });
  return findings;
}

function* neighbours(steps: readonly Step[], tree: Tree): Generator<StageFinding> {
  const isLong = (step: Step): boolean => runScript({ tree, node: step.node }).count > 1;
  for (const [index, step] of steps.entries()) {
    const last = steps[index - 1];
    if (!last || !isRun(last) || !isRun(step)) continue;
    if (flagsOf(last.instruction) !== flagsOf(step.instruction) || isLong(last) || isLong(step)) continue;
    const { node } = step;
    const { start, end } = node.keyword;
    yield { start, end, node, message: 'This RUN and the one before it can be one' };
  }
}

function isRun(step: Step): step is Step<RunInstruction> {
  return step.instruction.kind === 'RUN';
}

const noFlags = JSON.stringify([[], '', '']);

/** All that decides how a command runs, in one text. */
function flagsOf({ mounts, network, security, node }: RunInstruction): string {
  if (node.flags.length === 0) return noFlags;
  const named = (name: string) => (node.flags.some(flag => flag.name.text === name) ? name : '');
  const values = [...new Set(mounts.map(({ value }) => value.text))].sort();
  return JSON.stringify([values, named('network') && network, named('security') && security]);
}
