import { appendCommand, isCleanedUp, removes } from '../cleanup.ts';
import { isMountedOver } from '../mounts.ts';
import type { RunScript } from '../script.ts';
import { scriptRule } from '../scriptRule.ts';

const installs = ['install', 'in', 'upgrade', 'up', 'upgrade-minimal', 'up-min', 'reinstall', 'rei'];

/** The cache of dnf does not stay in the image. */
export const dl3040 = scriptRule(
  {
    id: 'DL3040',
    severity: 'warning',
    summary: 'dnf clean all follows dnf install',
    documentation:
      'What dnf or microdnf downloaded stays in the layer unless the same `RUN` removes it, or a cache is mounted at `/var/cache/libdnf5`.\n\n```dockerfile\nRUN dnf install -y httpd-2.4.62 && dnf clean all\n```',
  },
  ({ script, instruction }) => {
    const at = uncleaned(script, 'dnf') ?? uncleaned(script, 'microdnf');
    if (
      !at ||
      isMountedOver(instruction, '/var/cache/libdnf5') ||
      isMountedOver(instruction, '.cache/libdnf5')
    ) {
      return undefined;
    }
    const message = `What ${at.name} downloaded stays in the image: add ${at.name} clean all`;
    return { at, message, fix: appendCommand(script, `${at.name} clean all`) };
  },
);

/** The first command of a program that fills its cache, when nothing empties that afterwards. */
function uncleaned({ commands }: RunScript, name: string) {
  const installing = commands.filter(command => command.name === name && command.has(...installs));
  const cleaning = commands.filter(
    command =>
      (command.name === name && command.has('clean', 'all')) || removes(command, '/var/cache/libdnf5*'),
  );
  return isCleanedUp(installing, cleaning) ? undefined : installing[0];
}
