import { findVariableUses } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import { type Range, toOffset, toPosition } from '../syntax/position.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { visibleVariables } from './environment.ts';
import { type InlayHint, inlayHintKind } from './types.ts';

const longestValue = 40;

/**
 * Hints for the lines of a range: the number of each stage behind its FROM (kind 2), the value of each variable behind its
 * name (kind 1).
 */
export function inlayHints(result: CheckResult, range: Range): InlayHint[] {
  const { tree } = result.file;
  const start = toOffset(tree, { line: range.start.line, character: 0 });
  const end = toOffset(tree, range.end);
  const isWithin = (node: InstructionNode): boolean => node.start <= end && node.end >= start;
  const nodes = tree.elements.filter(one => one.kind === 'instruction').filter(isWithin);
  return [...stageHints(result, isWithin), ...nodes.flatMap(node => variableHints(result, node))];
}

function stageHints({ file }: CheckResult, isWithin: (node: InstructionNode) => boolean): InlayHint[] {
  if (file.stages.length < 2) return [];
  return file.stages
    .filter(({ from }) => isWithin(from.node))
    .map(({ from, index }) => ({
      position: toPosition(file.tree, from.node.end),
      label: `stage ${index}`,
      kind: inlayHintKind.parameter,
      paddingLeft: true,
    }));
}

function variableHints(result: CheckResult, node: InstructionNode): InlayHint[] {
  const { tree } = result.file;
  const uses = findVariableUses(tree, node);
  if (uses.length === 0) return [];
  const visible = visibleVariables(result, node);
  return uses.flatMap(({ name, span }): InlayHint[] => {
    const value = visible.get(name)?.value;
    if (value === undefined || value === '') return [];
    const shown = value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value;
    const isBraced = tree.text[span.end] === '}';
    const position = toPosition(tree, isBraced ? span.end + 1 : span.end);
    return [{ position, label: `= ${shown}`, kind: inlayHintKind.type, paddingLeft: true }];
  });
}
