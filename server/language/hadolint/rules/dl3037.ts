import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

/** Packages of zypper have a version. */
export const dl3037 = scriptRule(
  {
    id: 'DL3037',
    severity: 'warning',
    summary: 'Packages that zypper installs have a version',
    documentation:
      'Without a version each build takes what the repository has that day. A local `.rpm` file is as good.\n\n```dockerfile\nRUN zypper -n install httpd=2.4.62 && zypper clean\n```',
  },
  ({ script }) => {
    const packages = script.commands
      .filter(command => command.name === 'zypper' && command.has('install', 'in'))
      .flatMap(command => command.operands())
      .filter(({ text }) => text !== 'install' && text !== 'in' && !/[=<>]|\.rpm$/.test(text));
    return unpinned(packages, { how: 'zypper install <package>=<version>' });
  },
);
