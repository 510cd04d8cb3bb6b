import type { FileRule } from '../../lint/editorRule.ts';
import { repeated } from '../repeated.ts';

/** A stage has one CMD. */
export const dl4003: FileRule = {
  id: 'DL4003',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['MultipleInstructionsDisallowed'],
  summary: 'A stage has one CMD',
  documentation:
    'Each `CMD` replaces the one before it: remove all but the last. What is to run in the build belongs into `RUN`.',
  check: ({ file }) => repeated(file, 'CMD'),
};
