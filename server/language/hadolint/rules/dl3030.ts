import { unanswered } from '../questions.ts';
import { scriptRule } from '../scriptRule.ts';

/** yum does not ask. */
export const dl3030 = scriptRule(
  {
    id: 'DL3030',
    severity: 'warning',
    summary: 'yum install is told not to ask',
    documentation:
      'Nobody answers in a build: without `-y` yum stops at its question.\n\n```dockerfile\nRUN yum install -y httpd-2.4.62 && yum clean all\n```',
  },
  ({ script }) =>
    unanswered(script, {
      programs: ['yum'],
      actions: ['install', 'groupinstall', 'localinstall'],
      isAnswered: command => command.hasFlag('y', 'assumeyes'),
      answer: '-y',
      behind: 'action',
    }),
);
