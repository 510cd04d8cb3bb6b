import type { InstructionRule } from '../editorRule.ts';
import { spanOf } from '../walk.ts';

/** CMD and ENTRYPOINT have something to run. */
export const emptyCommand: InstructionRule = {
  id: 'EmptyCommand',
  source: 'dockerfile-utils',
  scope: 'instruction',
  on: ['CMD', 'ENTRYPOINT'],
  isForTriggers: true,
  severity: 'warning',
  summary: 'CMD and ENTRYPOINT have a command',
  documentation:
    'Without a command a shell is started that has nothing to do and ends at once. An empty array removes the command of the base image.\n\n```dockerfile\nENTRYPOINT []\n```',
  *check({ node }) {
    if (node.json || node.rest.text !== '') return;
    const { end } = node.keyword;
    const fix = {
      title: 'Write an empty array',
      isGuess: true as const,
      changes: [{ start: end, end, text: ' []' }],
    };
    yield { ...spanOf(node.keyword), message: `${node.keyword.text} has no command`, fix };
  },
};
