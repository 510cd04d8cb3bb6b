import type { Argument } from './command.ts';
import type { ScriptFinding } from './scriptRule.ts';

/** The finding about packages without a version; undefined when there is none. */
export function unpinned(
  packages: readonly Argument[],
  { how }: { readonly how: string },
): ScriptFinding | undefined {
  const [first] = packages;
  if (!first) return undefined;
  const names = [...new Set(packages.map(({ text }) => text))];
  const shown = names.length > mostNames ? [...names.slice(0, mostNames), '…'] : names;
  return { at: first, message: `No version is pinned for ${shown.join(', ')}: write ${how}` };
}

const mostNames = 5;
