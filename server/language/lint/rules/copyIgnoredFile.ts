import type { IgnoreMatcher } from '../../ignore/matcher.ts';
import { cleanPath } from '../../ignore/path.ts';
import { sourceKind } from '../../instructions/sources.ts';
import type { PageRule } from '../rule.ts';
import { spanIn } from '../walk.ts';

/** What is copied is not left out by the ignore file. */
export const copyIgnoredFile: PageRule = {
  name: 'CopyIgnoredFile',
  scope: 'page',
  severity: 'warning',
  summary: 'Attempting to Copy file that is excluded by .dockerignore',
  documentation:
    'The ignore file keeps this path out of the build context, so that there is nothing to copy. Change the ignore file or the instruction.',
  phase: 'build',
  isSkippedAbove: true,
  *check(context) {
    const { ignore } = context;
    // With exceptions a folder that is left out may still hold files that are not.
    if (!ignore || ignore.hasExceptions) return;
    for (const facts of context.walk.transfers) {
      const { expanded, node, readsContext } = facts;
      if ((expanded.kind !== 'COPY' && expanded.kind !== 'ADD') || !readsContext) continue;
      for (const source of expanded.sources) {
        if (sourceKind(source.text) !== 'path') continue;
        const path = cleanPath(source.text);
        if (!isIgnored(path, ignore)) continue;
        const verb = expanded.kind === 'ADD' ? 'Add' : 'Copy';
        const message = `Attempting to ${verb} file ${JSON.stringify(path)} that is excluded by .dockerignore`;
        yield { ...spanIn(facts, source), node, message };
      }
    }
  },
};

function isIgnored(path: string, ignore: IgnoreMatcher): boolean {
  const isRoot = path === '.' || path === '/';
  if (isRoot && !ignore.rules.some(({ pattern }) => ['*', '**', '**/*'].includes(pattern))) return false;
  return ignore.ignores(path);
}
