import { unanswered } from '../questions.ts';
import { scriptRule } from '../scriptRule.ts';

/** dnf does not ask. */
export const dl3038 = scriptRule(
  {
    id: 'DL3038',
    severity: 'warning',
    summary: 'dnf install is told not to ask',
    documentation:
      'Nobody answers in a build: without `-y` dnf and microdnf stop at their question.\n\n```dockerfile\nRUN dnf install -y httpd-2.4.62 && dnf clean all\n```',
  },
  ({ script }) =>
    unanswered(script, {
      programs: ['dnf', 'microdnf'],
      actions: ['install', 'groupinstall', 'localinstall'],
      isAnswered: command => command.hasFlag('y', 'assumeyes'),
      answer: '-y',
      behind: 'action',
    }),
);
