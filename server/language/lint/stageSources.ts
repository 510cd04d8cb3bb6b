import type { Page } from '../instructions/page.ts';
import { sourceWords } from '../instructions/stageWords.ts';
import { PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Word } from '../syntax/tree.ts';

/** The value of `--from=`, or of `from=` in a mount, and whose it is. */
export interface StageSource {
  readonly word: Word;
  readonly node: InstructionNode;
}

const memo = new PageMemo<readonly StageSource[]>();

/** All in a page, in order, also behind ONBUILD. */
export function stageSources(page: Page): readonly StageSource[] {
  let sources = memo.get(page);
  if (!sources) {
    sources = page.nodes.flatMap(node => Array.from(sourceWords(node), word => ({ word, node })));
    memo.set(page, sources);
  }
  return sources;
}
