import type { Stage } from '../instructions/types.ts';
import type { CheckResult } from '../lint/check.ts';
import { toRange } from '../syntax/position.ts';
import type { DirectiveElement, InstructionNode, Tree } from '../syntax/tree.ts';
import { type DocumentSymbol, symbolKind } from './types.ts';

const kinds: { readonly [name: string]: number } = {
  ARG: symbolKind.variable,
  ENV: symbolKind.variable,
  LABEL: symbolKind.property,
  RUN: symbolKind.method,
};
const longestDetail = 80;

/** The outline of a file: directives and global arguments, then stages with their instructions. */
export function documentSymbols({ file }: CheckResult): DocumentSymbol[] {
  const { tree } = file;
  const before = file.stages[0]?.from.node.start ?? tree.text.length;
  const symbols: DocumentSymbol[] = [];
  for (const element of tree.elements) {
    if (element.kind === 'directive') symbols.push(directiveSymbol(tree, element));
    if (element.kind !== 'instruction') continue;
    if (element.start >= before) break;
    symbols.push(instructionSymbol(tree, element));
  }
  return [...symbols, ...file.stages.map(stage => stageSymbol(tree, stage))];
}

function directiveSymbol(tree: Tree, directive: DirectiveElement): DocumentSymbol {
  return {
    name: directive.name.text,
    detail: directive.value.text,
    kind: symbolKind.property,
    range: toRange(tree, directive),
    selectionRange: toRange(tree, directive.name),
  };
}

function stageSymbol(tree: Tree, stage: Stage): DocumentSymbol {
  const { from } = stage;
  const end = stage.nodes.at(-1)?.end ?? from.node.end;
  return {
    name: from.alias?.text || from.image.text || 'FROM',
    detail: from.alias ? `FROM ${from.image.text}` : `stage ${stage.index}`,
    kind: symbolKind.class,
    range: toRange(tree, { start: from.node.start, end }),
    selectionRange: toRange(tree, from.node.keyword),
    children: stage.nodes.slice(1).map(node => instructionSymbol(tree, node)),
  };
}

function instructionSymbol(tree: Tree, node: InstructionNode): DocumentSymbol {
  const detail = node.rest.text.replace(/\s+/g, ' ');
  return {
    name: node.keyword.text || 'instruction',
    detail: detail.length > longestDetail ? `${detail.slice(0, longestDetail - 1)}…` : detail,
    kind: (node.name && kinds[node.name]) ?? symbolKind.function,
    range: toRange(tree, node),
    selectionRange: toRange(tree, node.keyword),
  };
}
