import type { PageRule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** AS is written as FROM is. */
export const fromAsCasing: PageRule = {
  name: 'FromAsCasing',
  scope: 'page',
  severity: 'warning',
  summary: "The 'as' keyword should match the case of the 'from' keyword",
  documentation:
    'Write both keywords of a `FROM` line in one case.\n\n```dockerfile\nFROM alpine AS builder\n```',
  phase: 'instruction',
  isSkippedAbove: true,
  *check(context) {
    for (const node of context.walk.froms) {
      const as = node.args.length >= 3 ? node.args[1] : undefined;
      const from = node.keyword.text;
      if (!as || (from !== from.toLowerCase() && from !== from.toUpperCase())) continue;
      const expected = from === from.toLowerCase() ? as.text.toLowerCase() : as.text.toUpperCase();
      if (as.text === expected) continue;
      const message = `'${as.text}' and '${from}' keywords' casing do not match`;
      const fix = { title: `Write ${expected}`, changes: [{ ...spanOf(as), text: expected }] };
      yield { ...spanOf(as), node, message, fix };
    }
  },
};
