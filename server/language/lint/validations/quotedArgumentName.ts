import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** Quotes around the name of an ARG become a part of it. */
export const quotedArgumentName: InstructionRule = {
  id: 'QuotedArgumentName',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['ARG'],
  isForTriggers: true,
  severity: 'warning',
  sameAs: ['invalid-expression'],
  summary: 'The name of an ARG has no quotes',
  documentation:
    'Quotes belong around the value. Around the name, or around all of `name=value`, they are a part of the name, by which nobody can use it.\n\n```dockerfile\nARG GREETING="good morning"\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'ARG') return;
    for (const { key } of instruction.declarations) {
      if (!/["']/.test(key.text)) continue;
      yield { ...spanOf(key), message: `The quote is a part of the name ${key.text}: quote the value only` };
    }
  },
};
