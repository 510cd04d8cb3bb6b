import type { EditorFinding, FileRule } from '../lint/editorRule.ts';
import { PlacedFinding } from '../lint/placedFinding.ts';
import type { InstructionName, InstructionNode, Tree } from '../syntax/tree.ts';
import { outlineOf, type StagePart } from './outline.ts';

/** Remembers what is to be known about a stage as long as it says the same. It must not hold places that do not move. */
export class StageMemo<T> {
  static #count = 0;
  readonly #number = StageMemo.#count++;
  readonly #compute: (stage: StagePart, tree: Tree) => T;

  constructor(compute: (stage: StagePart, tree: Tree) => T) {
    this.#compute = compute;
  }

  of(stage: StagePart, tree: Tree): T {
    const { memory } = stage.content;
    memory[this.#number] ??= this.#compute(stage, tree);
    return memory[this.#number] as T;
  }
}

/** Whether a stage, or a part of it, has any steps: known without putting them together. */
export const hasSteps = new StageMemo(({ steps }) => steps.length > 0);

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

/**
 * A rule that looks at one stage after the other, at its steps of one kind where `on` says so, and at all triggers together
 * where `triggers` says so.
 */
export function stageRule(
  { triggers, on, ...about }: About & { readonly triggers?: true; readonly on?: InstructionName },
  find: (stage: StagePart, tree: Tree) => Iterable<StageFinding>,
): FileRule {
  const memo = new StageMemo((stage, tree) => placeFindings(find(stage, tree)));
  return {
    ...about,
    source: 'hadolint',
    scope: 'file',
    *check({ file, tree }) {
      const outline = outlineOf(file);
      for (const stage of triggers ? [...outline.stages, ...outline.triggers] : outline.stages) {
        const part = on === undefined ? stage : stage.only(on);
        yield* memo.of(part, tree);
      }
    },
  };
}
