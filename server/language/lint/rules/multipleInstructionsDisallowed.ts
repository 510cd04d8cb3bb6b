import type { InstructionFacts } from '../../evaluation/types.ts';
import type { Rule } from '../rule.ts';
import { spanIn } from '../walk.ts';

const single = new Set(['CMD', 'ENTRYPOINT', 'HEALTHCHECK']);

/** A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK. */
export const multipleInstructionsDisallowed: Rule = {
  name: 'MultipleInstructionsDisallowed',
  severity: 'warning',
  summary: 'Multiple instructions of the same type should not be used in the same stage',
  documentation:
    'Only the last `CMD`, `ENTRYPOINT` and `HEALTHCHECK` of a stage count: the marked one does nothing. Remove it.',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    for (const stage of context.evaluation.stages) {
      const last = new Map<string, InstructionFacts>();
      for (const facts of stage.instructions) {
        const { kind } = facts.instruction;
        if (!single.has(kind)) continue;
        const earlier = last.get(kind);
        last.set(kind, facts);
        if (!earlier) continue;
        const keyword = facts.instruction.node.keyword.text;
        const message = `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`;
        const span = spanIn(earlier, earlier.instruction.node);
        yield { ...span, node: earlier.node, owner: facts.instruction.node, message };
      }
    }
  },
};
