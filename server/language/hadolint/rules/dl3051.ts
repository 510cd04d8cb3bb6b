import type { InstructionRule } from '../../lint/editorRule.ts';
import { atValue, labelsOf } from '../labels.ts';

/** Labels that the team asks for have a value. */
export const dl3051: InstructionRule = {
  id: 'DL3051',
  source: 'hadolint',
  scope: 'instruction',
  on: ['LABEL'],
  severity: 'warning',
  summary: 'A label of the schema is not empty',
  documentation: 'A label that `label-schema` of `.hadolint.yaml` names has a value.',
  *check({ instruction, configuration: { labelSchema } }) {
    const seen = new Set<string>();
    for (const { key, value, pair } of labelsOf(instruction)) {
      if (value !== '' || !labelSchema.has(key) || seen.has(key)) continue;
      seen.add(key);
      yield atValue(pair, `The label ${key} is empty`);
    }
  },
};
