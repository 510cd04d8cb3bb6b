import { readTrigger } from '../../evaluation/triggers.ts';
import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** The instruction behind ONBUILD is one that a build will take. */
export const invalidTrigger: InstructionRule = {
  id: 'InvalidTrigger',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['ONBUILD'],
  severity: 'warning',
  sameAs: ['onbuild-onbuild', 'onbuild-trigger', 'json-not-strings', 'pair-without-equals', 'missing-value'],
  summary: 'The instruction behind ONBUILD can be built',
  documentation:
    'What stands behind `ONBUILD` is looked at only by builds that start from this image, and those are refused when it is wrong.\n\n```dockerfile\nONBUILD COPY . /app\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'ONBUILD') return;
    const { problem } = readTrigger(instruction.expression);
    const trigger = instruction.node.trigger;
    if (problem === undefined || !trigger) return;
    const message = `A build from this image will be refused: ${problem}`;
    yield { ...spanOf(trigger), message };
  },
};
