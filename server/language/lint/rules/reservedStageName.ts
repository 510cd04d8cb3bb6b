import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

/** No stage is called `scratch` or `context`. */
export const reservedStageName: FileRule = {
  name: 'ReservedStageName',
  scope: 'file',
  severity: 'warning',
  summary: 'Reserved words should not be used as stage names',
  documentation:
    '`scratch` is the empty image and `context` the build context. A stage with such a name cannot be told from them: give it another one.',
  phase: 'stage',
  isSkippedAbove: false,
  *check(context) {
    for (const { facts, node } of stageNodes(context)) {
      const { name, from } = facts.stage;
      if (name !== 'scratch' && name !== 'context') continue;
      const message = `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`;
      yield { ...spanOf(from.alias ?? node), node, message };
    }
  },
};
