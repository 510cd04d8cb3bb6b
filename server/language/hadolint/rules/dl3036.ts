import { type DownloadCache, leavesCache, leftCache } from '../cleanup.ts';
import { isMountedOver } from '../mounts.ts';
import { scriptRule } from '../scriptRule.ts';

const zypper: DownloadCache = { program: 'zypper', fills: ['install', 'in'], empties: ['clean', 'cc'] };

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
    const at = leavesCache(script, zypper);
    if (!at || isMountedOver(instruction, '/var/cache/zypp')) return undefined;
    return leftCache(at, script, 'zypper clean');
  },
);
