import { forEachChild, parseShell, type ShellTree, type SyntaxNode } from './grammar.ts';
import type { ScriptSpan } from './script.ts';

/** A name behind `$`, or one that an arithmetic expression uses. */
export interface ShellVariableUse extends ScriptSpan {
  readonly name: string;
}

/** The variables that a script takes from outside: those that it has not set itself before it uses them. */
export function outerVariables(text: string): ShellVariableUse[] {
  const tree = parseShell(text);
  const own = ownVariables(tree);
  const uses: ShellVariableUse[] = [];
  walk(tree, node => {
    const use = readUse(node, text);
    if (use && use.pos < (own.get(use.name) ?? Number.POSITIVE_INFINITY)) uses.push(use);
  });
  return uses;
}

/** From where on a script has set its own variables, by name; those that only one command gets are none. */
export function ownVariables(tree: ShellTree): ReadonlyMap<string, number> {
  const own = new Map<string, number>();
  const add = (name: string, from: number): void => {
    own.set(name, Math.min(from, own.get(name) ?? from));
  };
  walk(tree, node => {
    if (node.type === 'For' || node.type === 'Select') add(node.name.value, node.body.pos);
    if (node.type !== 'Command') return;
    const isSet = node.name === undefined;
    for (const part of [...(isSet ? node.prefix : []), ...node.suffix]) {
      if (part.type === 'Assignment') add(part.name, part.end);
    }
    if (node.name?.value !== 'read') return;
    for (const word of node.args) if (/^[A-Za-z_]\w*$/.test(word.text)) add(word.text, word.end);
  });
  return own;
}

function readUse(node: SyntaxNode, text: string): ShellVariableUse | undefined {
  switch (node.type) {
    case 'SimpleExpansion':
      return named(text, { pos: node.pos + 1, end: node.end });
    case 'ParameterExpansion':
      return named(text, { pos: node.parameterPos, end: node.parameterEnd });
    case 'ArithmeticWord':
      return node.parts ? undefined : named(text, node);
    default:
      return undefined;
  }
}

/** Parameters such as `$1` and `$?` are no variables. */
function named(text: string, { pos, end }: ScriptSpan): ShellVariableUse | undefined {
  const name = text.slice(pos, end);
  return /^[A-Za-z_]\w*$/.test(name) ? { name, pos, end } : undefined;
}

/** Without what is in escaped backquotes, whose offsets are those of another text. */
function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  if (node.type === 'Script' && node.source !== undefined) return;
  visit(node);
  forEachChild(node, child => walk(child, visit));
}
