import type { EditorFinding, FileRule } from '../lint/editorRule.ts';
import { PlacedFinding } from '../lint/placedFinding.ts';
import type { InstructionNode, Tree } from '../syntax/tree.ts';
import { type FilteredPart, outlineOf, type StepFilter } from './outline.ts';

/** Remembers what is to be known about a part as long as it says the same. It must not hold places that do not move. */
export class StageMemo<T> {
  static #count = 0;
  readonly #number = StageMemo.#count++;
  readonly #compute: (part: FilteredPart, tree: Tree) => T;

  constructor(compute: (part: FilteredPart, tree: Tree) => T) {
    this.#compute = compute;
  }

  of(part: FilteredPart, tree: Tree): T {
    const { memory } = part.content;
    memory[this.#number] ??= this.#compute(part, tree);
    return memory[this.#number] as T;
  }
}

/** A finding at an instruction of a stage. */
export interface StageFinding extends EditorFinding {
  readonly node: InstructionNode;
  /** What decides with the rest of the file whether it is one. */
  readonly about?: string;
}

/** The findings of a stage, which move with it. */
export function placeFindings(findings: Iterable<StageFinding>): readonly PlacedStageFinding[] {
  return Array.from(findings, finding => new PlacedStageFinding(finding));
}

/** A finding at an instruction of a stage that moves with it. */
export class PlacedStageFinding extends PlacedFinding implements StageFinding {
  declare readonly about?: string;

  constructor(finding: StageFinding) {
    super(finding);
    if (finding.about !== undefined) this.about = finding.about;
  }
}

type About = Pick<FileRule, 'id' | 'severity' | 'summary' | 'documentation' | 'sameAs'>;

/** A rule that looks at one stage after the other, at those steps that `on` wants, and at all triggers together where `triggers` says so. */
export function stageRule(
  { triggers, on, ...about }: About & { readonly triggers?: true; readonly on: StepFilter },
  find: (part: FilteredPart, tree: Tree) => Iterable<StageFinding>,
): FileRule {
  const memo = new StageMemo((part, tree) => placeFindings(find(part, tree)));
  return {
    ...about,
    source: 'hadolint',
    scope: 'file',
    *check({ file, tree }) {
      const outline = outlineOf(file);
      for (const stage of triggers ? [...outline.stages, ...outline.triggers] : outline.stages) {
        yield* memo.of(stage.where(on, tree), tree);
      }
    },
  };
}
