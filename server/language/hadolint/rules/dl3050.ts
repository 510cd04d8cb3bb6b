import type { InstructionRule } from '../../lint/editorRule.ts';
import { labelsOf } from '../labels.ts';

/** Images have no other labels than those that the team asks for. */
export const dl3050: InstructionRule = {
  id: 'DL3050',
  source: 'hadolint',
  scope: 'instruction',
  on: ['LABEL'],
  severity: 'information',
  summary: 'An image has only labels of the schema',
  documentation:
    'With `strict-labels: true` in `.hadolint.yaml` there are no labels but those that `label-schema` names.',
  *check({ instruction, configuration: { labelSchema, strictLabels } }) {
    if (!strictLabels) return;
    const other = labelsOf(instruction).find(({ key }) => !labelSchema.has(key));
    if (!other) return;
    const { start, end } = other.pair.key;
    yield { start, end, message: `The schema has no label ${other.key}` };
  },
};
