import type { InstructionNode } from '../../syntax/tree.ts';
import type { LintContext, Rule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** All instructions of a file are in upper case, or all in lower case. */
export const consistentInstructionCasing: Rule = {
  name: 'ConsistentInstructionCasing',
  severity: 'warning',
  summary: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
  documentation:
    'Keywords may have any case. Write all of them in upper case, or all in lower case; what most of them have counts.',
  phase: 'stage',
  isSkippedAbove: false,
  *check(context) {
    if (isAllUpper(context)) return;
    const counts = countKeywords(context);
    let lower = 0;
    let upper = 0;
    for (const [text, count] of counts) {
      if (text === text.toLowerCase()) lower += count;
      else if (text === text.toUpperCase()) upper += count;
    }
    const toExpected = (text: string) => (lower > upper ? text.toLowerCase() : text.toUpperCase());
    const wrong = new Set([...counts.keys()].filter(text => text !== toExpected(text)));
    if (wrong.size === 0) return;
    const casing = lower > upper ? 'lowercase' : 'uppercase';
    for (const node of stageInstructions(context)) {
      const { text } = node.keyword;
      if (!wrong.has(text)) continue;
      const expected = toExpected(text);
      const message = `Command '${text}' should match the case of the command majority (${casing})`;
      const fix = { title: `Write ${expected}`, changes: [{ ...spanOf(node.keyword), text: expected }] };
      yield { ...spanOf(node.keyword), node, message, fix };
    }
  },
};

/** As most files are. */
function isAllUpper({ file }: LintContext): boolean {
  return file.stages.every(({ nodes }) => nodes.every(({ name, keyword }) => !name || name === keyword.text));
}

function countKeywords(context: LintContext): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { keyword } of stageInstructions(context)) {
    counts.set(keyword.text, (counts.get(keyword.text) ?? 0) + 1);
  }
  return counts;
}

/** ARG before the first FROM does not count. */
function* stageInstructions({ file }: LintContext): Generator<InstructionNode> {
  for (const stage of file.stages) for (const node of stage.nodes) if (node.name) yield node;
}
