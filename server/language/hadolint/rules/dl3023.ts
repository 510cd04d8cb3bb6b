import { StepFilter } from '../outline.ts';
import { stageRule } from '../stageMemo.ts';

/** COPY takes over from another stage. */
export const dl3023 = stageRule(
  {
    id: 'DL3023',
    on: new StepFilter(({ instruction }) => instruction.kind === 'COPY' && instruction.from !== undefined),
    severity: 'warning',
    sameAs: ['circular-dependency'],
    summary: 'COPY --from names another stage than its own',
    documentation: 'A stage cannot wait for itself. What is in it already is copied by `RUN cp`.',
  },
  function* ({ alias, steps }) {
    if (alias === undefined) return;
    for (const { instruction, node } of steps) {
      if (instruction.kind !== 'COPY' || instruction.from?.text.toLowerCase() !== alias) continue;
      const { start, end } = instruction.from;
      yield { start, end, node, message: `This is the stage ${JSON.stringify(alias)} itself` };
    }
  },
);
