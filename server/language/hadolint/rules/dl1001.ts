import type { FileRule } from '../../lint/editorRule.ts';
import { readIgnorePragma } from '../pragmas.ts';

/** Nothing is silenced in the file. */
export const dl1001: FileRule = {
  id: 'DL1001',
  source: 'hadolint',
  scope: 'file',
  severity: 'off',
  summary: 'No comment silences rules',
  documentation:
    'For teams that decide in their configuration what applies: `# hadolint ignore=` comments are reported. Off unless `.hadolint.yaml` or a setting gives it a severity.',
  *check({ tree }) {
    for (const { kind, start, end } of tree.elements) {
      if (kind !== 'comment' || !readIgnorePragma(tree.text.slice(start + 1, end))) continue;
      yield { start, end, message: 'This comment silences rules' };
    }
  },
};
