import type { InstructionFacts } from '../evaluation/types.ts';
import { cleanPath } from '../ignore/path.ts';
import { sourceKind } from '../instructions/sources.ts';
import type { Word } from '../syntax/tree.ts';
import type { Walk } from './walk.ts';

/** A source of COPY or ADD in the build context. */
export interface ContextWord {
  readonly word: Word;
  /** Cleaned, without a slash before it; `.` is all of the context. */
  readonly path: string;
  readonly facts: InstructionFacts;
}

/** The sources of the file that are in the build context and whose paths are known. */
export function contextWords(walk: Walk): readonly ContextWord[] {
  let words = ofWalk.get(walk);
  if (!words) {
    words = walk.transfers.flatMap(wordsOf);
    ofWalk.set(walk, words);
  }
  return words;
}

const ofWalk = new WeakMap<Walk, readonly ContextWord[]>();
const ofFacts = new WeakMap<InstructionFacts, readonly ContextWord[]>();
const none: readonly ContextWord[] = [];

function wordsOf(facts: InstructionFacts): readonly ContextWord[] {
  if (!facts.readsContext) return none;
  let words = ofFacts.get(facts);
  if (!words) {
    words = [...findWords(facts)];
    ofFacts.set(facts, words);
  }
  return words;
}

function* findWords(facts: InstructionFacts): Generator<ContextWord> {
  const { expanded, node, instruction, unset } = facts;
  if (expanded.kind !== 'COPY' && expanded.kind !== 'ADD') return;
  // Triggers read the context of another build; what a variable holds that nothing sets is not known.
  if (node !== instruction.node || unset.length > 0) return;
  for (const word of expanded.sources) {
    if (word.text === '' || word.text.includes('$') || sourceKind(word.text) !== 'path') continue;
    const path = cleanPath(word.text).replace(/^\/+/, '') || '.';
    if (!path.startsWith('..')) yield { word, path, facts };
  }
}
