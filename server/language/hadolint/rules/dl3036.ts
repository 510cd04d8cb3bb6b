import { appendCommand, isCleanedUp } from '../cleanup.ts';
import { isMountedOver } from '../mounts.ts';
import { scriptRule } from '../scriptRule.ts';

/** The cache of zypper does not stay in the image. */
export const dl3036 = scriptRule(
  {
    id: 'DL3036',
    severity: 'warning',
    summary: 'zypper clean follows zypper install',
    documentation:
      'What zypper downloaded stays in the layer unless the same `RUN` removes it, or a cache is mounted at `/var/cache/zypp`.\n\n```dockerfile\nRUN zypper -n install httpd=2.4.62 && zypper clean\n```',
  },
  ({ script, instruction }) => {
    const zypper = script.commands.filter(({ name }) => name === 'zypper');
    const installing = zypper.filter(command => command.has('install', 'in'));
    const cleaning = zypper.filter(command => command.has('clean', 'cc'));
    const [at] = installing;
    if (!at || isCleanedUp(installing, cleaning) || isMountedOver(instruction, '/var/cache/zypp')) {
      return undefined;
    }
    const message = 'What zypper downloaded stays in the image: add zypper clean';
    return { at, message, fix: appendCommand(script, 'zypper clean') };
  },
);
