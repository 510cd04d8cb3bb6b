import type { Dockerfile } from '../instructions/types.ts';
import { forEachChild, type SyntaxNode } from '../shell/grammar.ts';
import type { ScriptSpan, ShellScript } from '../shell/script.ts';
import { shellScripts } from '../shell/scripts.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import { findLine } from '../syntax/position.ts';
import type { Tree } from '../syntax/tree.ts';
import type { FoldingRange } from './types.ts';

/** Structures, functions and groups of the shell that go over lines. What ends them, such as `fi`, stays to be seen. */
export function shellFoldings(file: Dockerfile): FoldingRange[] {
  return shellScripts(file).flatMap(script => {
    const { node, interpreter } = script;
    if (!interpreter.dialect) return [];
    const known = kept.get(node);
    const lines = known ?? findBlocks(file.tree, script);
    if (!known) kept.set(node, lines);
    const first = findLine(file.tree, node.start);
    return lines.map(({ start, end }) => ({ startLine: first + start, endLine: first + end }));
  });
}

/** Lines from the first of the instruction. */
interface Block {
  readonly start: number;
  readonly end: number;
}

const kept = new NodeMemo<readonly Block[]>();

const noBlocks: readonly Block[] = [];

const blocks: ReadonlySet<SyntaxNode['type']> = new Set<SyntaxNode['type']>([
  'If',
  'Elif',
  'For',
  'ArithmeticFor',
  'Select',
  'While',
  'Case',
  'CaseItem',
  'Function',
  'BraceGroup',
  'Subshell',
  'HereDoc',
]);

function findBlocks(tree: Tree, script: ShellScript): readonly Block[] {
  const lineOf = (at: number): number => findLine(tree, script.offset(at));
  const first = findLine(tree, script.node.start);
  if (lineOf(script.text.length) === first) return noBlocks;
  const found: Block[] = [];
  const visit = (node: SyntaxNode): void => {
    if (blocks.has(node.type)) {
      const { pos, end } = extent(node);
      const [start, last] = [lineOf(pos), lineOf(end) - 1];
      const isFirst = found.at(-1)?.start !== start - first;
      if (last > start && isFirst) found.push({ start: start - first, end: last - first });
    }
    if (node.type === 'Script' && node.source !== undefined) return;
    forEachChild(node, visit);
  };
  visit(script.tree);
  return found;
}

/** From the first character to the last. */
function extent(node: SyntaxNode): ScriptSpan {
  if (node.type === 'HereDoc') return { pos: node.pos, end: node.closing?.pos ?? node.body.end };
  return { pos: node.pos, end: Math.max(node.end - 1, node.pos) };
}
