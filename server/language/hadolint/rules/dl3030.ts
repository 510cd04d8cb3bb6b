import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

const installs = ['install', 'groupinstall', 'localinstall'];

/** yum does not ask. */
export const dl3030 = scriptRule(
  {
    id: 'DL3030',
    severity: 'warning',
    summary: 'yum install is told not to ask',
    documentation:
      'Nobody answers in a build: without `-y` yum stops at its question.\n\n```dockerfile\nRUN yum install -y httpd-2.4.62 && yum clean all\n```',
  },
  ({ script }) => {
    const asking = script.commands.filter(
      command => command.name === 'yum' && command.has(...installs) && !command.hasFlag('y', 'assumeyes'),
    );
    const message = 'yum asks before it installs, and nobody answers: add -y';
    return missingSwitch(asking, { text: '-y', message, behind: command => command.find(...installs) });
  },
);
