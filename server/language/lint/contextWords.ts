import type { Evaluation, InstructionFacts, PageFacts } from '../evaluation/types.ts';
import { cleanPath } from '../ignore/path.ts';
import { sourceKind } from '../instructions/sources.ts';
import { PageMemo } from '../syntax/nodeMemo.ts';
import type { Word } from '../syntax/tree.ts';

/** A source of COPY or ADD in the build context. */
export interface ContextWord {
  readonly word: Word;
  /** Cleaned, without a slash before it; `.` is all of the context. */
  readonly path: string;
  readonly facts: InstructionFacts;
}

/** The sources of the file that are in the build context and whose paths are known. */
export function* contextWords({ stages }: Evaluation): Generator<ContextWord> {
  for (const { pages } of stages) for (const page of pages) yield* wordsOf(page);
}

const ofPages = new PageMemo<readonly ContextWord[]>();

function wordsOf(page: PageFacts): readonly ContextWord[] {
  let words = ofPages.get(page);
  if (!words) {
    words = page.instructions.flatMap(facts => [...findWords(facts)]);
    ofPages.set(page, words);
  }
  return words;
}

function* findWords(facts: InstructionFacts): Generator<ContextWord> {
  const { expanded, node, instruction, unset, readsContext } = facts;
  if (!readsContext) return;
  if (expanded.kind !== 'COPY' && expanded.kind !== 'ADD') return;
  // Triggers read the context of another build; what a variable holds that nothing sets is not known.
  if (node !== instruction.node || unset.length > 0) return;
  for (const word of expanded.sources) {
    if (word.text === '' || word.text.includes('$') || sourceKind(word.text) !== 'path') continue;
    const path = cleanPath(word.text).replace(/^\/+/, '') || '.';
    if (!path.startsWith('..')) yield { word, path, facts };
  }
}
