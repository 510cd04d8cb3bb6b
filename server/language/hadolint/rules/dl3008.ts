import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

const valued = new Set(['t', 'target-release']);

/** Packages of apt-get have a version. */
export const dl3008 = scriptRule(
  {
    id: 'DL3008',
    severity: 'warning',
    summary: 'Packages that apt-get installs have a version',
    documentation:
      'Without a version each build takes what the archive has that day, so that two images of one Dockerfile differ and a cached layer hides it. A local file (`./a.deb`) and a release (`name/bookworm`) are as good.\n\n```dockerfile\nRUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.*\n```',
  },
  ({ script }) => {
    const packages = script.commands
      .filter(command => command.name === 'apt-get' && command.has('install'))
      .flatMap(command => command.operands(valued))
      .filter(({ text }) => text !== 'install' && !/[=/]|\.deb$/.test(text));
    return unpinned(packages, { how: 'apt-get install <package>=<version>' });
  },
);
