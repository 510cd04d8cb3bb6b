import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

const valued = new Set(['loglevel', 'registry']);

/** Packages of npm have a version. */
export const dl3016 = scriptRule(
  {
    id: 'DL3016',
    severity: 'warning',
    summary: 'Packages that npm installs have a version',
    documentation:
      'Without a version each build takes the newest package of that day. A folder, an archive and a repository at a commit (`git+https://…#v1`) are as good; without names npm installs what `package.json` says.\n\n```dockerfile\nRUN npm install --global typescript@5.9.2\n```',
  },
  ({ script }) => {
    const packages = script.commands
      .filter(({ name }) => name === 'npm')
      .map(command => command.operands(valued))
      .filter(([first]) => first?.text === 'install')
      .flatMap(operands => operands.slice(1))
      .filter(({ text }) => text !== 'install' && !isPinned(text));
    return unpinned(packages, { how: 'npm install <package>@<version>' });
  },
);

function isPinned(text: string): boolean {
  if (/^git(?:\+(?:ssh|https?))?:\/\//.test(text)) return text.includes('#');
  if (/\.(?:tar|tar\.gz|tgz)$/.test(text) || /^(?:\/|\.\.?\/|~\/)/.test(text)) return true;
  return text.includes('@', text.startsWith('@') ? 1 : 0);
}
