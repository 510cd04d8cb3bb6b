import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

/** apt-get installs no more than is asked for. */
export const dl3015 = scriptRule(
  {
    id: 'DL3015',
    severity: 'information',
    summary: 'apt-get installs without recommended packages',
    documentation:
      'By default apt-get installs what a package recommends as well, which is more than half of many images. Name what is really needed.\n\n```dockerfile\nRUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.*\n```',
  },
  ({ script }) => {
    const generous = script.commands.filter(
      command =>
        command.name === 'apt-get' &&
        command.has('install') &&
        !command.hasFlag('no-install-recommends') &&
        !command.has('APT::Install-Recommends=false'),
    );
    return missingSwitch(generous, {
      text: '--no-install-recommends',
      message: 'Recommended packages are installed too: add --no-install-recommends',
      behind: command => command.find('install'),
      changesImage: true,
    });
  },
);
