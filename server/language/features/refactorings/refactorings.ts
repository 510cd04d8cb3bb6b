import type { CheckResult } from '../../lint/check.ts';
import { type Range, toOffset, toRange } from '../../syntax/position.ts';
import { elementAt } from '../cursor.ts';
import type { CodeAction } from '../types.ts';
import { toExecForm, toShellForm } from './convertForm.ts';
import { extractArgument } from './extractArgument.ts';
import { mergeRuns } from './mergeRuns.ts';
import type { Refactor } from './refactoring.ts';
import { sortPackages } from './sortPackages.ts';

const all: readonly Refactor[] = [extractArgument, mergeRuns, sortPackages, toExecForm, toShellForm];

/** How what stands at a range can be written otherwise. */
export function refactorings(result: CheckResult, range: Range): CodeAction[] {
  const { tree } = result.file;
  const start = toOffset(tree, range.start);
  const node = elementAt(tree, start);
  if (node?.kind !== 'instruction') return [];
  const selection = { result, node, start, end: toOffset(tree, range.end) };
  return all.flatMap(refactor => {
    const found = refactor(selection);
    if (!found) return [];
    const { title, kind, changes } = found;
    const edits = changes.map(({ text, ...span }) => ({ range: toRange(tree, span), newText: text }));
    return [{ title, kind, edits }];
  });
}
