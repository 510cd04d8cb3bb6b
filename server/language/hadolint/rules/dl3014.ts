import type { Command } from '../command.ts';
import { unanswered } from '../questions.ts';
import { scriptRule } from '../scriptRule.ts';

/** apt-get does not ask. */
export const dl3014 = scriptRule(
  {
    id: 'DL3014',
    severity: 'warning',
    summary: 'apt-get install is told not to ask',
    documentation:
      'Nobody answers in a build: without `-y` apt-get stops at its question.\n\n```dockerfile\nRUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.*\n```',
  },
  ({ script }) =>
    unanswered(script, {
      programs: ['apt-get'],
      actions: ['install'],
      isAnswered: isSilent,
      answer: '-y',
      behind: 'action',
    }),
);

/** Two times quiet is yes as well (apt-get(8), `-q`). */
function isSilent(command: Command): boolean {
  if (command.hasFlag('y', 'yes', 'qq', 'assume-yes') || command.has('-q=2')) return true;
  return command.countFlag('q') === 2 || command.countFlag('quiet') === 2;
}
