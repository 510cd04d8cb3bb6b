import type { CheckResult } from '../lint/check.ts';
import type { Position, Range } from '../syntax/position.ts';
import { prepareRename, rename } from './navigation.ts';

/** Ranges that change together, and what they may become while they do. */
export interface LinkedEditingRanges {
  readonly ranges: readonly Range[];
  readonly wordPattern: string;
}

/** The places of a stage's name, for editing them as one; only those that are written alike can be. */
export function linkedEditingRanges(
  result: CheckResult,
  position: Position,
): LinkedEditingRanges | undefined {
  const at = prepareRename(result, position);
  if (at?.kind !== 'stage') return undefined;
  const renamed = rename(result, position, at.placeholder);
  if (renamed.problem !== undefined) return undefined;
  const { text, lineStarts } = result.file.tree;
  const isAlike = ({ start }: Range): boolean =>
    text.startsWith(at.placeholder, (lineStarts[start.line] ?? 0) + start.character);
  const ranges = renamed.edits.map(({ range }) => range).filter(isAlike);
  return ranges.length > 1 ? { ranges, wordPattern: '[a-zA-Z][a-zA-Z0-9_.-]*' } : undefined;
}
