import type { FileRule } from '../../lint/editorRule.ts';
import { rpmCheck } from '../rpmPackages.ts';

/** Packages of yum have a version. */
export const dl3033: FileRule = {
  id: 'DL3033',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'Packages that yum installs have a version',
  documentation:
    'Without a version each build takes what the repository has that day. A local `.rpm` file is as good; modules have their stream behind a colon.\n\n```dockerfile\nRUN yum install -y httpd-2.4.62 && yum clean all\n```',
  check: rpmCheck({ names: ['yum'], groups: [], how: 'yum install <package>-<version>' }),
};
