import type { FileRule } from '../rule.ts';
import { findVariable } from '../variable.ts';
import { spanOf, stageNodes } from '../walk.ts';

/** Variables of FROM are declared by an ARG before the first FROM. */
export const undefinedArgInFrom: FileRule = {
  name: 'UndefinedArgInFrom',
  scope: 'file',
  severity: 'warning',
  summary: 'FROM command must use declared ARGs',
  documentation:
    'Only an `ARG` before the first `FROM` can be used in `FROM` lines. A variable that none declares is empty.\n\n```dockerfile\nARG VERSION=3.20\nFROM alpine:$VERSION\n```',
  phase: 'from',
  isSkippedAbove: true,
  *check(context) {
    const { text } = context.file.tree;
    for (const { facts, node } of stageNodes(context)) {
      for (const { name, suggestion } of facts.unsetInFrom) {
        const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
        const message = `FROM argument '${name}' is not declared${hint}`;
        const span = findVariable(text, node, { name });
        const change = span && suggestion !== undefined && { ...span, text: suggestion };
        const fix = change && { title: `Use ${change.text}`, isGuess: true as const, changes: [change] };
        yield { ...(span ?? spanOf(facts.stage.from.image)), node, message, ...(fix && { fix }) };
      }
    }
  },
};
