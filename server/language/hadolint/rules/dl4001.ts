import type { Tree } from '../../syntax/tree.ts';
import type { Command } from '../command.ts';
import { type Step, StepFilter } from '../outline.ts';
import { runScript, scriptPlaces } from '../script.ts';
import { stageRule } from '../stageMemo.ts';

/** One program for downloads is enough. */
export const dl4001 = stageRule(
  {
    id: 'DL4001',
    on: new StepFilter((step, tree) => downloadsOf(step, tree).length > 0),
    severity: 'warning',
    summary: 'A stage uses either wget or curl',
    documentation: 'Both do the same: a stage that needs only one of them installs less.',
    triggers: true,
  },
  function* ({ steps }, tree) {
    const used = new Set<string>();
    for (const step of steps) {
      const { instruction, node } = step;
      const own = downloadsOf(step, tree);
      for (const { name } of own) used.add(name);
      const [first] = own;
      if (!first || used.size < 2) continue;
      const { start, end } = scriptPlaces({ tree, node: instruction.node })(first.nameSpan);
      yield { start, end, node, message: 'This stage uses wget and curl: one of them is enough' };
    }
  },
);

function downloadsOf({ instruction }: Step, tree: Tree): readonly Command[] {
  if (instruction.kind !== 'RUN') return [];
  const { commands } = runScript({ tree, node: instruction.node });
  return commands.filter(({ name }) => name === 'wget' || name === 'curl');
}
