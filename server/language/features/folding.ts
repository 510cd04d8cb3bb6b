import type { CheckResult } from '../lint/check.ts';
import { findLine } from '../syntax/position.ts';
import type { Element } from '../syntax/tree.ts';
import { shellFoldings } from './shellFolding.ts';
import type { FoldingRange } from './types.ts';

/**
 * What can be folded: stages, instructions of several lines, bodies of heredocs, blocks of the shell and of comments. With a `limit`
 * only so many, the first of the file.
 */
export function foldingRanges(
  { file }: CheckResult,
  { limit }: { readonly limit?: number | undefined } = {},
): FoldingRange[] {
  const ranges = allRanges(file);
  if (limit === undefined || ranges.length <= limit) return ranges;
  return ranges.sort((left, right) => left.startLine - right.startLine).slice(0, limit);
}

function allRanges(file: CheckResult['file']): FoldingRange[] {
  const { tree } = file;
  const ranges: FoldingRange[] = [];
  for (const { nodes } of file.stages) {
    const [first, last] = [nodes[0], nodes.at(-1)];
    if (first && last && last.endLine > first.line) {
      ranges.push({ startLine: first.line, endLine: last.endLine, kind: 'region' });
    }
  }
  for (const element of tree.elements) {
    if (element.kind !== 'instruction') continue;
    if (element.endLine > element.line && element.name !== 'FROM') {
      ranges.push({ startLine: element.line, endLine: element.endLine });
    }
    // With one heredoc the body is all that the instruction folds.
    for (const { body, terminator } of element.heredocs.slice(1)) {
      const start = findLine(tree, body.start) - 1;
      const end = findLine(tree, terminator?.start ?? body.end);
      if (end > start + 1) ranges.push({ startLine: start, endLine: end });
    }
  }
  return [...ranges, ...shellFoldings(file), ...commentBlocks(tree.elements)];
}

function commentBlocks(elements: readonly Element[]): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  let start: number | undefined;
  let end = 0;
  const close = () => {
    if (start !== undefined && end > start) ranges.push({ startLine: start, endLine: end, kind: 'comment' });
    start = undefined;
  };
  for (const { kind, line } of elements) {
    if (kind === 'comment') {
      start ??= line;
      end = line;
    } else {
      close();
    }
  }
  close();
  return ranges;
}
