import type { EditorFinding, FileRule } from '../lint/editorRule.ts';
import type { InstructionName, InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { outlineOf, type StagePart } from './outline.ts';

/** Remembers what is to be known about a stage as long as it says the same. It must not hold places in the file. */
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

/** A finding without its place in the file. */
interface MovableFinding extends StageFinding {
  /** Of its step; -1 for FROM. */
  readonly index: number;
}

/** Findings in a stage that may move with it. */
export class StageFindings {
  readonly #findings: readonly MovableFinding[];

  constructor(stage: StagePart, findings: Iterable<StageFinding>) {
    const { steps } = stage;
    let last = 0;
    this.#findings = [...findings].map(finding => {
      // Findings are in order, mostly: looked for behind the one before, all of them cost one pass.
      while (last < steps.length && steps[last]?.node !== finding.node) last++;
      const index = last < steps.length ? last : steps.findIndex(({ node }) => node === finding.node);
      last = Math.max(index, 0);
      return { ...move(finding, -finding.node.start), index };
    });
  }

  get isEmpty(): boolean {
    return this.#findings.length === 0;
  }

  /** The findings where the stage is now, those of `select` alone. */
  *place(
    stage: StagePart,
    select: (finding: Pick<StageFinding, 'node' | 'about'>) => boolean = () => true,
  ): Generator<StageFinding> {
    for (const { index, ...finding } of this.#findings) {
      const node = index < 0 ? stage.from?.node : stage.steps[index]?.node;
      if (!node) continue;
      const placed = { ...move(finding, node.start), node };
      if (select(placed)) yield placed;
    }
  }
}

function move(finding: StageFinding, by: number): StageFinding {
  const { fix } = finding;
  if (!fix) return { ...finding, ...shift(finding, by) };
  const changes = fix.changes.map(change => ({ ...change, ...shift(change, by) }));
  return { ...finding, ...shift(finding, by), fix: { ...fix, changes } };
}

function shift({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
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
  const memo = new StageMemo((stage, tree) => new StageFindings(stage, find(stage, tree)));
  return {
    ...about,
    source: 'hadolint',
    scope: 'file',
    *check({ file, tree }) {
      const outline = outlineOf(file);
      for (const stage of triggers ? [...outline.stages, ...outline.triggers] : outline.stages) {
        const part = on === undefined ? stage : stage.only(on);
        const found = memo.of(part, tree);
        if (!found.isEmpty) yield* found.place(part);
      }
    },
  };
}
