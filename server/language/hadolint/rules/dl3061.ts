import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** Everything but ARG is in a stage. */
export const dl3061: FileRule = {
  id: 'DL3061',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['no-stage'],
  summary: 'Only ARG stands before the first FROM',
  documentation:
    'An instruction changes an image, which `FROM` begins. Before it there can be `ARG` and comments.',
  *check({ file }) {
    const [before] = outlineOf(file).stages;
    for (const { instruction, node } of before?.steps ?? []) {
      if (instruction.kind === 'ARG') continue;
      const { start, end, text } = node.keyword;
      yield { start, end, node, message: `${text.toUpperCase()} stands before the first FROM` };
    }
  },
};
