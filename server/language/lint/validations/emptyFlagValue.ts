import type { InstructionRule } from '../editorRule.ts';
import { removeFlag } from '../removeFlag.ts';
import { spanOf } from '../walk.ts';

/** A flag that has a value has one. */
export const emptyFlagValue: InstructionRule = {
  id: 'EmptyFlagValue',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['ADD', 'COPY', 'FROM', 'HEALTHCHECK'],
  isForTriggers: true,
  severity: 'warning',
  sameAs: ['flag-without-value', 'invalid-flag-value', 'invalid-platform', 'unknown-flag'],
  summary: 'A flag with an equals sign has a value',
  documentation:
    'A flag whose value is empty does nothing: `COPY --from=` reads from the build context, as it does without the flag. Write the value, or remove the flag.\n\n```dockerfile\nCOPY --from=build /app /app\n```',
  *check({ node, text }) {
    for (const flag of node.flags) {
      if (flag.value?.text !== '') continue;
      const message = `--${flag.name.text} has no value, and so does nothing`;
      yield { ...spanOf(flag), message, fix: removeFlag(flag, text) };
    }
  },
};
