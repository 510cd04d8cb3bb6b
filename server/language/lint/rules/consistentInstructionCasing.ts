import type { Page } from '../../instructions/page.ts';
import { PageMemo } from '../../syntax/nodeMemo.ts';
import type { InstructionNode } from '../../syntax/tree.ts';
import type { FileContext, FileRule } from '../rule.ts';
import { spanOf } from '../walk.ts';

/** All instructions of a file are in upper case, or all in lower case. */
export const consistentInstructionCasing: FileRule = {
  name: 'ConsistentInstructionCasing',
  scope: 'file',
  severity: 'warning',
  summary: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
  documentation:
    'Keywords may have any case. Write all of them in upper case, or all in lower case; what most of them have counts.',
  phase: 'stage',
  isSkippedAbove: false,
  *check(context) {
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

/** How often keywords are written in each way; ARG before the first FROM does not count. */
function countKeywords({ file }: FileContext): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { pages } of file.stages) {
    for (const page of pages) {
      for (const [text, count] of keywordsOf(page)) counts.set(text, (counts.get(text) ?? 0) + count);
    }
  }
  return counts;
}

const keywords = new PageMemo<ReadonlyMap<string, number>>();

function keywordsOf(page: Page): ReadonlyMap<string, number> {
  const known = keywords.get(page);
  if (known) return known;
  const counts = new Map<string, number>();
  for (const { name, keyword } of page.nodes) {
    if (name) counts.set(keyword.text, (counts.get(keyword.text) ?? 0) + 1);
  }
  keywords.set(page, counts);
  return counts;
}

function* stageInstructions({ file }: FileContext): Generator<InstructionNode> {
  for (const stage of file.stages) for (const node of stage.nodes) if (node.name) yield node;
}
