import { scriptRule } from '../scriptRule.ts';

const upgrades = ['dist-upgrade', 'dup'];

/** The release is that of the base image. */
export const dl3035 = scriptRule(
  {
    id: 'DL3035',
    severity: 'warning',
    summary: 'zypper dist-upgrade belongs into no build',
    documentation:
      'It replaces the distribution that `FROM` chose by whatever is current, in a layer of its own. Choose a newer base image.',
  },
  ({ script }) => {
    const command = script.commands.find(({ name, args }) => {
      return name === 'zypper' && args.some(({ text }) => upgrades.includes(text));
    });
    const at = command?.find(...upgrades);
    return at && { at, message: 'Choose a newer base image instead of zypper dist-upgrade' };
  },
);
