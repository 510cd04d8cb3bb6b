import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

const valued = new Set(['t', 'virtual', 'repository', 'X']);

/** Packages of apk have a version. */
export const dl3018 = scriptRule(
  {
    id: 'DL3018',
    severity: 'warning',
    summary: 'Packages that apk adds have a version',
    documentation:
      'Without a version each build takes what the repository has that day. `~=` takes the revisions of a version. A local `.apk` file is as good.\n\n```dockerfile\nRUN apk add --no-cache curl~=8.9\n```',
  },
  ({ script }) => {
    const packages = script.commands
      .filter(command => command.name === 'apk' && command.has('add'))
      .flatMap(command => command.operands(valued))
      .filter(({ text }) => text !== 'add' && !/[=~<>]|\.apk$/.test(text));
    return unpinned(packages, { how: 'apk add <package>=<version>' });
  },
);
