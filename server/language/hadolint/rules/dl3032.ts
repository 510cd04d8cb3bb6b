import { type DownloadCache, leavesCache, leftCache } from '../cleanup.ts';
import { scriptRule } from '../scriptRule.ts';

const yum: DownloadCache = {
  program: 'yum',
  fills: ['install'],
  empties: ['clean', 'all'],
  path: '/var/cache/yum/*',
};

/** The cache of yum does not stay in the image. */
export const dl3032 = scriptRule(
  {
    id: 'DL3032',
    severity: 'warning',
    summary: 'yum clean all follows yum install',
    documentation:
      'What yum downloaded stays in the layer unless the same `RUN` removes it.\n\n```dockerfile\nRUN yum install -y httpd-2.4.62 && yum clean all\n```',
  },
  ({ script }) => {
    const at = leavesCache(script, yum);
    return at && leftCache(at, script, 'yum clean all');
  },
);
