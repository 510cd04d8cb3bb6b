import type { FileRule } from '../../lint/editorRule.ts';
import { repeated } from '../repeated.ts';

/** A stage has one HEALTHCHECK. */
export const dl3012: FileRule = {
  id: 'DL3012',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['MultipleInstructionsDisallowed'],
  summary: 'A stage has one HEALTHCHECK',
  documentation: 'Each `HEALTHCHECK` replaces the one before it: remove all but the last.',
  check: ({ file }) => repeated(file, 'HEALTHCHECK'),
};
