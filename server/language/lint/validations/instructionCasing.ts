import { instructionNames } from '../../instructions/names.ts';
import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** Keywords are in upper case. */
export const instructionCasing: InstructionRule = {
  id: 'InstructionCasing',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: instructionNames,
  isForTriggers: true,
  severity: 'hint',
  sameAs: ['ConsistentInstructionCasing'],
  summary: 'Instructions are written in upper case',
  documentation:
    'A build reads keywords in any case. Upper case is the convention that sets them apart from their arguments.\n\n```dockerfile\nFROM alpine:3.20\nRUN make\n```',
  *check({ node: { keyword } }) {
    const upper = keyword.text.toUpperCase();
    if (keyword.text === upper) return;
    const span = spanOf(keyword);
    const isPlain = span.end - span.start === upper.length;
    // Where most keywords are in lower case, a build check asks for that.
    const fix = { title: `Write ${upper}`, isGuess: true as const, changes: [{ ...span, text: upper }] };
    yield { ...span, message: `Write ${upper} in upper case`, ...(isPlain && { fix }) };
  },
};
