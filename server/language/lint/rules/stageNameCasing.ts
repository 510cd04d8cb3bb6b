import type { PageRule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** Names of stages are in lower case. */
export const stageNameCasing: PageRule = {
  name: 'StageNameCasing',
  scope: 'page',
  severity: 'warning',
  summary: 'Stage names should be lowercase',
  documentation:
    'Stage names compare without regard to case, but `FROM` finds a stage only by its lower-case name. Write it in lower case everywhere.\n\n```dockerfile\nFROM alpine AS builder\n```',
  phase: 'instruction',
  isSkippedAbove: true,
  *check(context) {
    for (const node of context.walk.froms) {
      const name = node.args.length === 3 ? node.args[2] : undefined;
      const lower = name?.text.toLowerCase();
      if (!name || lower === undefined || name.text === lower) continue;
      const message = `Stage name '${name.text}' should be lowercase`;
      const fix = { title: `Rename the stage to ${lower}`, changes: [{ ...spanOf(name), text: lower }] };
      yield { ...spanOf(name), node, message, fix };
    }
  },
};
