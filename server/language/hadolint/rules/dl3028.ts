import type { Command } from '../command.ts';
import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

/** Gems have a version. */
export const dl3028 = scriptRule(
  {
    id: 'DL3028',
    severity: 'warning',
    summary: 'Gems that are installed have a version',
    documentation:
      'Without a version each build takes the newest gem of that day. Name it behind a colon, or with `--version`.\n\n```dockerfile\nRUN gem install bundler:2.5.18\n```',
  },
  ({ script }) => {
    const gems = script.commands
      .filter(command => command.name === 'gem' && command.has('install', 'i') && !namesVersion(command))
      .flatMap(gemsOf)
      .filter(({ text }) => !text.includes(':'));
    return unpinned(gems, { how: 'gem install <gem>:<version>' });
  },
);

function namesVersion({ args }: Command): boolean {
  return args.some(({ text }) => text === '-v' || text === '--version' || text.startsWith('--version='));
}

/** All before `--` but flags and the word behind each, which may be its value. */
function gemsOf({ args }: Command) {
  const end = args.findIndex(({ text }) => text === '--');
  const own = end < 0 ? args : args.slice(0, end);
  const gems = [];
  for (let at = 0; at < own.length; at++) {
    const arg = own[at];
    if (arg?.text.startsWith('-')) at++;
    else if (arg && arg.text !== 'install' && arg.text !== 'i') gems.push(arg);
  }
  return gems;
}
