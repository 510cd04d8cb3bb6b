import type { ImageFacts, StageFacts } from '../evaluation/types.ts';
import type { Page } from '../instructions/page.ts';
import type { CheckResult } from './check.ts';

/** Stands for all that a rule of a stage may look at: the same object as long as none of it changes. */
export interface StageStamp {
  readonly base: StageStamp | undefined;
  readonly baseImage: ImageFacts | undefined;
}

interface Known {
  readonly stamp: StageStamp;
  /** Of the stage as it was seen last. */
  readonly pages: readonly Page[];
}

/** The stamps of the stages of one version of a file after the other. */
export class StageStamps {
  #globals: readonly object[] = [];
  #known = new Map<object, Known>();

  next({ file, evaluation }: CheckResult): ReadonlyMap<StageFacts, StageStamp> {
    const globals = file.globalArgs.map(({ node }) => node.key);
    const isKnown =
      globals.length === this.#globals.length && globals.every((key, at) => key === this.#globals[at]);
    const known = isKnown ? this.#known : new Map<object, Known>();
    this.#globals = globals;
    this.#known = new Map();
    const stamps = new Map<StageFacts, StageStamp>();
    for (const facts of evaluation.stages) {
      const { baseImage, stage } = facts;
      const base = facts.base && stamps.get(facts.base);
      const { key } = stage.from.node;
      const last = known.get(key);
      const isStill =
        last?.stamp.base === base && last?.stamp.baseImage === baseImage && isSame(last?.pages, stage.pages);
      const stamp = last && isStill ? last.stamp : { base, baseImage };
      stamps.set(facts, stamp);
      this.#known.set(key, { stamp, pages: stage.pages });
    }
    return stamps;
  }
}

/** True when a stage has what it had, wherever that is now. */
function isSame(before: readonly Page[] | undefined, after: readonly Page[]): boolean {
  return before?.length === after.length && after.every((page, at) => page === before[at]);
}
