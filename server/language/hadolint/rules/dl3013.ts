import type { Command } from '../command.ts';
import { unpinned } from '../packages.ts';
import { isPipInstall } from '../pip.ts';
import { scriptRule } from '../scriptRule.ts';

/** Flags of pip whose value is a word of its own (pip install --help). */
const valued = new Set([
  'abi',
  'b',
  'build',
  'e',
  'editable',
  'extra-index-url',
  'f',
  'find-links',
  'i',
  'implementation',
  'index-url',
  'no-binary',
  'only-binary',
  'platform',
  'prefix',
  'progress-bar',
  'proxy',
  'python',
  'python-version',
  'root',
  'root-user-action',
  'src',
  't',
  'target',
  'trusted-host',
  'upgrade-strategy',
]);

/** Packages of pip have a version. */
export const dl3013 = scriptRule(
  {
    id: 'DL3013',
    severity: 'warning',
    summary: 'Packages that pip installs have a version',
    documentation:
      'Without a version each build takes the newest package of that day. Name the version, or keep all of them in a requirements or constraints file. A wheel, a path and a repository at a revision (`git+https://…@v1`) are as good.\n\n```dockerfile\nRUN pip install --no-cache-dir requests==2.32.3\nRUN pip install --no-cache-dir --requirement requirements.txt\n```',
  },
  ({ script }) => {
    const packages = script.commands.filter(isPipInstall).filter(isOfPackages).flatMap(packagesOf);
    return unpinned(
      packages.filter(({ text }) => !isPinned(text)),
      { how: 'pip install <package>==<version>' },
    );
  },
);

/** Of names on the command line rather than of a file with versions or of the folder itself. */
function isOfPackages(command: Command): boolean {
  return !command.has('--requirement', '-r', '.') && !command.hasFlag('constraint', 'c');
}

function packagesOf(command: Command) {
  const operands = command.operands(valued);
  const install = operands.findIndex(({ text }) => text === 'install');
  return operands.slice(install < 0 ? operands.length : install).filter(({ text }) => text !== 'install');
}

// "VCS Support" of pip's documentation.
const repository =
  /^(?:git(?:\+(?:file|https|ssh|http|git))?|hg\+(?:file|http|https|ssh|static-http)|svn(?:\+(?:svn|http|https|ssh))?|bzr\+(?:http|https|ssh|sftp|ftp|lp))/;

function isPinned(text: string): boolean {
  if (/[<>]|[=!~]=/.test(text) || /\.(?:whl|tar\.gz)$/.test(text)) return true;
  return repository.test(text) ? text.includes('@') : text.includes('/');
}
