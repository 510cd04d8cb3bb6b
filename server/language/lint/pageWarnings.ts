import type { Evaluation, InstructionFacts } from '../evaluation/types.ts';
import type { IgnoreMatcher } from '../ignore/matcher.ts';
import type { Page } from '../instructions/page.ts';
import type { Dockerfile } from '../instructions/types.ts';
import { type NodeKey, PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import type { PageContext, PageRule } from './rule.ts';
import { rules } from './rules.ts';
import { Walk } from './walk.ts';
import { PlacedWarning } from './warning.ts';

/** What is looked at together. */
interface Piece {
  readonly key: NodeKey;
  readonly nodes: readonly InstructionNode[];
  readonly instructions: readonly InstructionFacts[];
  readonly platform: string | undefined;
}

type Found = ReadonlyMap<PageRule, readonly PlacedWarning[]>;

interface Known {
  readonly around: Pick<PageContext, 'platform' | 'ignore'>;
  readonly found: Found;
}

const memo = new PageMemo<Known>();

const ofPages = rules.filter(rule => rule.scope === 'page');

/** What the rules of pages find in a file, each in its order, whether it is wanted or not. */
export function findInPages(
  { file, evaluation }: { readonly file: Dockerfile; readonly evaluation: Evaluation },
  ignore: IgnoreMatcher | undefined,
): Found {
  const all = new Map<PageRule, PlacedWarning[]>();
  for (const piece of piecesOf(file, evaluation)) {
    for (const [rule, warnings] of findInPiece(piece, file, ignore)) {
      const known = all.get(rule);
      if (known) known.push(...warnings);
      else all.set(rule, [...warnings]);
    }
  }
  return all;
}

function* piecesOf({ pages, stages }: Dockerfile, evaluation: Evaluation): Generator<Piece> {
  const [first] = stages;
  const head = first?.pages[0] ? pages.slice(0, pages.indexOf(first.pages[0])) : pages;
  for (const { key, nodes } of head) yield { key, nodes, instructions: [], platform: undefined };
  for (const { stage, pages: facts, platform } of evaluation.stages) {
    // What triggers have brought comes before the pages of the stage.
    const brought = facts.length - stage.pages.length;
    for (const [index, { key, instructions }] of facts.entries()) {
      const page: Page | undefined = stage.pages[index - brought];
      yield { key, nodes: page?.nodes ?? [], instructions, platform: platform?.text };
    }
  }
}

function findInPiece(piece: Piece, { tree }: Dockerfile, ignore: IgnoreMatcher | undefined): Found {
  const { platform } = piece;
  const known = memo.get(piece);
  if (known && known.around.platform === platform && known.around.ignore === ignore) return known.found;
  const found = new Map<PageRule, readonly PlacedWarning[]>();
  const walk = new Walk(piece.nodes, piece.instructions);
  for (const rule of ofPages) {
    const warnings = Array.from(
      rule.check({ walk, tree, platform, ignore }),
      one => new PlacedWarning(rule, one),
    );
    if (warnings.length > 0) found.set(rule, warnings);
  }
  memo.set(piece, { around: { platform, ignore }, found });
  return found;
}
