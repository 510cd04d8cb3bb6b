import { type DownloadCache, leavesCache, leftCache } from '../cleanup.ts';
import { isMountedOver } from '../mounts.ts';
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
    const at = leavesCache(script, cacheOf('dnf')) ?? leavesCache(script, cacheOf('microdnf'));
    const isMounted = ['/var/cache/libdnf5', '.cache/libdnf5'].some(path => isMountedOver(instruction, path));
    return !at || isMounted ? undefined : leftCache(at, script, `${at.name} clean all`);
  },
);

function cacheOf(program: string): DownloadCache {
  return { program, fills: installs, empties: ['clean', 'all'], path: '/var/cache/libdnf5*' };
}
