import type { Command } from '../command.ts';
import { type ScriptChange, scriptRule } from '../scriptRule.ts';

/** Scripts use apt-get and apt-cache. */
export const dl3027 = scriptRule(
  {
    id: 'DL3027',
    severity: 'warning',
    summary: 'Scripts use apt-get and apt-cache instead of apt',
    documentation:
      'apt is made for people: its options and its output change between versions, and it says so when its output is no terminal. apt-get and apt-cache stay as they are.\n\n```dockerfile\nRUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.*\n```',
  },
  ({ script }) => {
    const [first, ...more] = script.commands.filter(({ name }) => name === 'apt');
    if (!first) return undefined;
    const changes = [first, ...more].map(toChange);
    const isWhole = changes.every(change => change !== undefined);
    const fix = isWhole ? { title: 'Use apt-get', changes } : undefined;
    return { at: first.nameSpan, message: 'apt is made for people: use apt-get or apt-cache', fix };
  },
);

/** Commands that both have, with the same meaning (apt(8), "SCRIPT USAGE"). */
const replacements = new Map([
  ...['install', 'update', 'upgrade', 'remove', 'purge', 'autoremove', 'clean', 'autoclean', 'build-dep'].map(
    name => [name, 'apt-get'] as const,
  ),
  ...['search', 'show', 'policy', 'depends', 'rdepends'].map(name => [name, 'apt-cache'] as const),
]);

function toChange(command: Command): ScriptChange | undefined {
  const text = replacements.get(command.operands()[0]?.text ?? '');
  return text === undefined ? undefined : { replace: command.nameSpan, text };
}
