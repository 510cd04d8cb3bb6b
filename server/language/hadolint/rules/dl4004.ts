import type { FileRule } from '../../lint/editorRule.ts';
import { repeated } from '../repeated.ts';

/** A stage has one ENTRYPOINT. */
export const dl4004: FileRule = {
  id: 'DL4004',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['MultipleInstructionsDisallowed'],
  summary: 'A stage has one ENTRYPOINT',
  documentation: 'Each `ENTRYPOINT` replaces the one before it: remove all but the last.',
  check: ({ file }) => repeated(file, 'ENTRYPOINT'),
};
