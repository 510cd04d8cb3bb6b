import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode } from '../syntax/tree.ts';

const none: readonly string[] = [];
const memo = new NodeMemo<readonly string[]>();

/**
 * Names that an instruction may use as variables, whichever language is in it: `$NAME`, `%NAME%`, `$env:NAME`,
 * `process.env.NAME`, `ENV["NAME"]`, `printenv NAME`. More rather than less: what is not among them is not used by name.
 */
export function mentionedNames(node: InstructionNode): readonly string[] {
  let names = memo.get(node);
  if (!names) {
    names = findNames(node);
    memo.set(node, names);
  }
  return names;
}

const anyMark = /[$%]|env/i;
const mention = /(?:[$%:.!#{"'[(]|printenv\s+|env\s+)([A-Za-z_]\w*)/g;

function findNames({ source, heredocs }: InstructionNode): readonly string[] {
  const text = source + heredocs.map(({ content }) => content).join('');
  if (!anyMark.test(text)) return none;
  return [...new Set([...text.matchAll(mention)].map(([, name = '']) => name))];
}
