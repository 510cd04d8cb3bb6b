import type { Argument, Command } from '../command.ts';
import { unpinned } from '../packages.ts';
import { scriptRule } from '../scriptRule.ts';

/** Programs that Go installs or runs have a version. */
export const dl3062 = scriptRule(
  {
    id: 'DL3062',
    severity: 'warning',
    summary: 'Packages that go installs or runs have a version',
    documentation:
      'Without a version, and with `@latest`, each build takes the newest package of that day. Paths of this module need none.\n\n```dockerfile\nRUN go install golang.org/x/tools/gopls@v0.16.2\n```',
  },
  ({ script }) => {
    const go = script.commands.filter(({ name }) => name === 'go');
    const run = go.filter(command => command.has('run')).flatMap(programOf);
    const packages =
      run.length > 0 ? run : go.filter(command => command.has('install', 'get')).flatMap(packagesOf);
    return unpinned(
      packages.filter(({ text }) => !isPinned(text)),
      { how: 'go install <package>@<version>' },
    );
  },
);

/** What is behind the program is for the program. */
function programOf(command: Command): Argument[] {
  return command
    .operands()
    .slice(0, 2)
    .filter(({ text }) => text !== 'run');
}

function packagesOf(command: Command): Argument[] {
  return command.operands().filter(({ text }) => !['install', 'get', 'tool'].includes(text));
}

function isPinned(text: string): boolean {
  if (text.startsWith('/') || text.startsWith('.')) return true;
  return text.includes('@') && !/@(?:latest|none)$/.test(text);
}
