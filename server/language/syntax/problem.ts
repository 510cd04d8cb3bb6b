import { type Anchor, Place } from './place.ts';
import type { Problem } from './tree.ts';

/** A problem that moves with the element that it is in. */
export class PlacedProblem extends Place implements Problem {
  readonly phase: Problem['phase'];
  readonly code: string;
  readonly message: string;
  declare readonly suggestion?: string;

  /** `problem` is where it is now. */
  constructor(anchor: Anchor, problem: Problem) {
    super(anchor, problem);
    this.phase = problem.phase;
    this.code = problem.code;
    this.message = problem.message;
    if (problem.suggestion !== undefined) this.suggestion = problem.suggestion;
  }
}
