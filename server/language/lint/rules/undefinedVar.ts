import type { PageRule } from '../rule.ts';
import { findVariable } from '../variable.ts';
import { spanIn } from '../walk.ts';

/** Variables are set before they are used. */
export const undefinedVar: PageRule = {
  name: 'UndefinedVar',
  scope: 'page',
  severity: 'warning',
  summary: 'Variables should be defined before their use',
  documentation:
    'A variable that neither `ENV`, `ARG` nor the base image sets is empty. An `ARG` before the first `FROM` does not count in a stage until the stage declares it again.\n\n```dockerfile\nARG VERSION\nCOPY $VERSION/app.jar /app.jar\n```',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    const { text } = context.tree;
    for (const facts of context.walk.unset) {
      const seen = new Map<string, number>();
      for (const { name, suggestion, isCertain } of facts.unset) {
        // The base image may well set it: only a likely slip is worth a warning.
        if (!isCertain && suggestion === undefined) continue;
        const occurrence = seen.get(name) ?? 0;
        seen.set(name, occurrence + 1);
        const { node, instruction } = facts;
        const isOwn = node === instruction.node;
        const span = isOwn ? findVariable(text, node, { name, occurrence }) : undefined;
        const hint = suggestion === undefined ? '' : ` (did you mean $${suggestion}?)`;
        const message = `Usage of undefined variable '$${name}'${hint}`;
        const change = span && suggestion !== undefined && { ...span, text: suggestion };
        const fix = change && { title: `Use $${change.text}`, isGuess: true as const, changes: [change] };
        yield { ...(span ?? spanIn(facts, instruction.node.rest)), node, message, ...(fix && { fix }) };
      }
    }
  },
};
