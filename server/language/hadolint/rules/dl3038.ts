import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

const installs = ['install', 'groupinstall', 'localinstall'];

/** dnf does not ask. */
export const dl3038 = scriptRule(
  {
    id: 'DL3038',
    severity: 'warning',
    summary: 'dnf install is told not to ask',
    documentation:
      'Nobody answers in a build: without `-y` dnf and microdnf stop at their question.\n\n```dockerfile\nRUN dnf install -y httpd-2.4.62 && dnf clean all\n```',
  },
  ({ script }) => {
    const asking = script.commands.filter(
      command =>
        (command.name === 'dnf' || command.name === 'microdnf') &&
        command.has(...installs) &&
        !command.hasFlag('y', 'assumeyes'),
    );
    const message = `${asking[0]?.name} asks before it installs, and nobody answers: add -y`;
    return missingSwitch(asking, { text: '-y', message, behind: command => command.find(...installs) });
  },
);
