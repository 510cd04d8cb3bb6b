import { isMountedOver } from '../mounts.ts';
import { scriptRule } from '../scriptRule.ts';
import { missingSwitch } from '../switches.ts';

/** apk keeps no index in the image. */
export const dl3019 = scriptRule(
  {
    id: 'DL3019',
    severity: 'information',
    summary: 'apk add keeps no index in the image',
    documentation:
      'With `--no-cache` apk reads the index and forgets it again: neither `apk update` nor a clean-up of `/var/cache/apk` is needed. A cache mount at that folder is as good.\n\n```dockerfile\nRUN apk add --no-cache curl~=8.9\n```',
  },
  ({ script, instruction }) => {
    const adding = script.commands.filter(
      command => command.name === 'apk' && command.has('add') && !command.hasFlag('no-cache'),
    );
    if (adding.length === 0 || isMountedOver(instruction, '/var/cache/apk')) return undefined;
    return missingSwitch(adding, {
      text: '--no-cache',
      message: 'The index of apk stays in the image: add --no-cache',
      behind: command => command.find('add'),
    });
  },
);
