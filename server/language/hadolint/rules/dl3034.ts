import { unanswered } from '../questions.ts';
import { scriptRule } from '../scriptRule.ts';

/** zypper does not ask. */
export const dl3034 = scriptRule(
  {
    id: 'DL3034',
    severity: 'warning',
    summary: 'zypper is told not to ask',
    documentation:
      'Nobody answers in a build: without `--non-interactive` (`-n`) or `-y` zypper stops at its question.\n\n```dockerfile\nRUN zypper -n install httpd=2.4.62 && zypper clean\n```',
  },
  ({ script }) =>
    unanswered(script, {
      programs: ['zypper'],
      actions: ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'],
      isAnswered: command => command.hasFlag('non-interactive', 'n', 'no-confirm', 'y'),
      answer: '-n',
      behind: 'program',
    }),
);
