import { runScript, scriptPlaces } from '../script.ts';
import { stageRule } from '../stageMemo.ts';

/** One program for downloads is enough. */
export const dl4001 = stageRule(
  {
    id: 'DL4001',
    on: 'RUN',
    severity: 'warning',
    summary: 'A stage uses either wget or curl',
    documentation: 'Both do the same: a stage that needs only one of them installs less.',
    triggers: true,
  },
  function* ({ steps }, tree) {
    const used = new Set<string>();
    for (const { instruction, node } of steps) {
      if (instruction.kind !== 'RUN') continue;
      const place = { tree, node: instruction.node };
      const own = runScript(place).commands.filter(({ name }) => name === 'wget' || name === 'curl');
      for (const { name } of own) used.add(name);
      const [first] = own;
      if (!first || used.size < 2) continue;
      const { start, end } = scriptPlaces(place)(first.nameSpan);
      yield { start, end, node, message: 'This stage uses wget and curl: one of them is enough' };
    }
  },
);
