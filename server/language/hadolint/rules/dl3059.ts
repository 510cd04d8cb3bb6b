import type { RunInstruction } from '../../instructions/types.ts';
import type { Step } from '../outline.ts';
import { runScript } from '../script.ts';
import { stageRule } from '../stageMemo.ts';

/** Commands that belong together make one layer. */
export const dl3059 = stageRule(
  {
    id: 'DL3059',
    severity: 'information',
    summary: 'Single commands that follow each other share a RUN',
    documentation:
      'Each `RUN` makes a layer. Single commands in a row can share one. Where one of them has several commands already, the division is taken to be meant, as it is between different `--mount`, `--network` and `--security` flags.\n\n```dockerfile\nRUN ./configure \\\n    && make\n```',
  },
  function* ({ steps }, tree) {
    let before: Step<RunInstruction> | undefined;
    const isLong = (step: Step): boolean => runScript({ tree, node: step.node }).count > 1;
    for (const step of steps) {
      const last = before;
      before = isRun(step) ? step : undefined;
      if (!last || !before || flagsOf(last.instruction) !== flagsOf(before.instruction)) continue;
      if (isLong(last) || isLong(before)) continue;
      const { node } = step;
      const { start, end } = node.keyword;
      yield { start, end, node, message: 'This RUN and the one before it can be one' };
    }
  },
);

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
