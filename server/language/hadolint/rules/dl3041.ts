import type { FileRule } from '../../lint/editorRule.ts';
import { rpmCheck } from '../rpmPackages.ts';

/** Packages of dnf have a version. */
export const dl3041: FileRule = {
  id: 'DL3041',
  source: 'hadolint',
  scope: 'file',
  severity: 'warning',
  summary: 'Packages that dnf installs have a version',
  documentation:
    'Without a version each build takes what the repository has that day. A local `.rpm` file is as good; modules have their stream behind a colon.\n\n```dockerfile\nRUN dnf install -y httpd-2.4.62 && dnf clean all\n```',
  check: rpmCheck({ names: ['dnf', 'microdnf'], groups: ['group'], how: 'dnf install <package>-<version>' }),
};
