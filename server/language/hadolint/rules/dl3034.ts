import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

const asks = ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'];

/** zypper does not ask. */
export const dl3034 = scriptRule(
  {
    id: 'DL3034',
    severity: 'warning',
    summary: 'zypper is told not to ask',
    documentation:
      'Nobody answers in a build: without `--non-interactive` (`-n`) or `-y` zypper stops at its question.\n\n```dockerfile\nRUN zypper -n install httpd=2.4.62 && zypper clean\n```',
  },
  ({ script }) => {
    const asking = script.commands.filter(
      command =>
        command.name === 'zypper' &&
        command.has(...asks) &&
        !command.hasFlag('non-interactive', 'n', 'no-confirm', 'y'),
    );
    const message = 'zypper asks before it acts, and nobody answers: add -n';
    return missingSwitch(asking, { text: '-n', message });
  },
);
