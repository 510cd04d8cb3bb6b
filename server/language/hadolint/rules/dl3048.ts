import type { InstructionRule } from '../../lint/editorRule.ts';
import { labelsOf } from '../labels.ts';

/** Keys of labels are as Docker asks for. */
export const dl3048: InstructionRule = {
  id: 'DL3048',
  source: 'hadolint',
  scope: 'instruction',
  on: ['LABEL'],
  severity: 'hint',
  summary: 'The key of a label is in lower case and in a name space of its own',
  documentation:
    'A key begins with a letter and ends with a letter or a digit. Between them there are lower-case letters, digits, single dots and dashes, underscores and slashes. `com.docker.`, `io.docker.` and `org.dockerproject.` belong to Docker (Docker’s “Object labels”).\n\n```dockerfile\nLABEL com.example.release-date="2025-01-01"\n```',
  *check({ instruction }) {
    const wrong = labelsOf(instruction).find(({ key }) => !isValid(key));
    if (!wrong) return;
    const { start, end } = wrong.pair.key;
    yield { start, end, message: `${wrong.key} is no valid key of a label` };
  },
};

function isValid(key: string): boolean {
  if (!/^[a-z](?:[a-z0-9._/-]*[a-z0-9])?$/.test(key) || /\.\.|--/.test(key)) return false;
  return !/^(?:com\.docker|io\.docker|org\.dockerproject)\./.test(key);
}
