import { setImmediate as turn } from 'node:timers/promises';
import type { CoverageCache, IgnoreFile } from '../../language/features/ignoreFile.ts';

/**
 * Finds out what each pattern matches, a pattern a turn: looking through a large context takes milliseconds. False when it
 * was given up.
 */
export async function coverPatterns(
  { rules }: IgnoreFile,
  options: { readonly coverage: CoverageCache; readonly isObsolete: () => boolean },
): Promise<boolean> {
  const { coverage, isObsolete } = options;
  for (const rule of rules) {
    await turn();
    if (isObsolete()) return false;
    if (rule.problem === undefined) coverage.of(rule);
  }
  return true;
}
