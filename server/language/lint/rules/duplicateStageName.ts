import type { FileRule } from '../rule.ts';
import { spanOf, stageNodes } from '../walk.ts';

/** No two stages have one name. */
export const duplicateStageName: FileRule = {
  name: 'DuplicateStageName',
  scope: 'file',
  severity: 'warning',
  summary: 'Stage names should be unique',
  documentation:
    'When two stages have one name, the later one hides the earlier one from all that follows. Give each its own name.',
  phase: 'stage',
  isSkippedAbove: false,
  *check(context) {
    const seen = new Set<string>();
    for (const { facts, node } of stageNodes(context)) {
      const { name, from } = facts.stage;
      if (name === undefined) continue;
      if (seen.has(name)) {
        const message = `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`;
        yield { ...spanOf(from.alias ?? node), node, message };
      }
      seen.add(name);
    }
  },
};
