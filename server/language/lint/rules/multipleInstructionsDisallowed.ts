import type { InstructionFacts, PageFacts } from '../../evaluation/types.ts';
import { PageMemo } from '../../syntax/nodeMemo.ts';
import type { FileRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

const single = new Set(['CMD', 'ENTRYPOINT', 'HEALTHCHECK']);

/** A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK. */
export const multipleInstructionsDisallowed: FileRule = {
  name: 'MultipleInstructionsDisallowed',
  scope: 'file',
  severity: 'warning',
  summary: 'Multiple instructions of the same type should not be used in the same stage',
  documentation:
    'Only the last `CMD`, `ENTRYPOINT` and `HEALTHCHECK` of a stage count: the marked one does nothing. Remove it.',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    for (const stage of context.evaluation.stages) {
      const last = new Map<string, InstructionFacts>();
      for (const facts of stage.pages.flatMap(singlesOf)) {
        const { kind } = facts.instruction;
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

const memo = new PageMemo<readonly InstructionFacts[]>();

function singlesOf(page: PageFacts): readonly InstructionFacts[] {
  let singles = memo.get(page);
  if (!singles) {
    singles = page.instructions.filter(({ instruction: { kind } }) => single.has(kind));
    memo.set(page, singles);
  }
  return singles;
}
