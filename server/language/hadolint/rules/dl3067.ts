import type { InstructionRule } from '../../lint/editorRule.ts';
import { unquote } from '../quotes.ts';

/** Another stage is not copied as a whole. */
export const dl3067: InstructionRule = {
  id: 'DL3067',
  source: 'hadolint',
  scope: 'instruction',
  on: ['COPY'],
  severity: 'warning',
  summary: 'COPY does not take over all of another stage',
  documentation:
    'A copy of a whole file system has everything that the other stage had, without its configuration. Build on the stage with `FROM`, or copy what is needed.\n\n```dockerfile\nCOPY --from=build /app /app\n```',
  *check({ instruction }) {
    if (instruction.kind !== 'COPY' || !instruction.from || unquote(instruction.destination.text) !== '/')
      return;
    const root = instruction.sources.find(({ text }) => unquote(text) === '/');
    if (!root) return;
    const { start, end } = root;
    yield {
      start,
      end,
      message: 'This copies all files of the other stage: build on it, or copy what is needed',
    };
  },
};
