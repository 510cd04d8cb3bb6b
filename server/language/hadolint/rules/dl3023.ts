import type { FileRule } from '../../lint/editorRule.ts';
import { outlineOf } from '../outline.ts';

/** COPY takes over from another stage. */
export const dl3023: FileRule = {
  id: 'DL3023',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  sameAs: ['circular-dependency'],
  summary: 'COPY --from names another stage than its own',
  documentation: 'A stage cannot wait for itself. What is in it already is copied by `RUN cp`.',
  *check({ file }) {
    for (const { alias, steps } of outlineOf(file).stages) {
      if (alias === undefined) continue;
      for (const { instruction, node } of steps) {
        if (instruction.kind !== 'COPY' || instruction.from?.text.toLowerCase() !== alias) continue;
        const { start, end } = instruction.from;
        yield { start, end, node, message: `This is the stage ${JSON.stringify(alias)} itself` };
      }
    }
  },
};
