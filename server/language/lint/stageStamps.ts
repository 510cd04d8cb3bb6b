import type { ImageFacts, StageFacts } from '../evaluation/types.ts';
import type { ArgInstruction } from '../instructions/types.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import type { CheckResult } from './check.ts';

/** Stands for all that a rule of a stage may look at: the same object as long as none of it changes. */
export interface StageStamp {
  readonly keys: readonly object[];
  /** Offsets into the stage. */
  readonly offsets: readonly number[];
  readonly base: StageStamp | undefined;
  readonly baseImage: ImageFacts | undefined;
}

/** The stamps of the stages of one version of a file after the other. */
export class StageStamps {
  #globals: readonly object[] = [];
  #known = new Map<object, StageStamp>();

  next({ file, evaluation }: CheckResult): ReadonlyMap<StageFacts, StageStamp> {
    const globals = file.globalArgs.map(({ node }: ArgInstruction) => node.key);
    if (!isSame(globals, this.#globals)) this.#known = new Map();
    this.#globals = globals;
    const next = new Map<object, StageStamp>();
    const stamps = new Map<StageFacts, StageStamp>();
    for (const facts of evaluation.stages) {
      const base = facts.base && stamps.get(facts.base);
      const { key } = facts.stage.from.node;
      const known = this.#known.get(key);
      const { nodes } = facts.stage;
      const isKnown =
        known && known.base === base && known.baseImage === facts.baseImage && isStill(known, nodes);
      const stamp = isKnown ? known : toStamp(facts, base);
      stamps.set(facts, stamp);
      next.set(key, stamp);
    }
    this.#known = next;
    return stamps;
  }
}

function toStamp({ stage: { nodes }, baseImage }: StageFacts, base: StageStamp | undefined): StageStamp {
  const start = nodes[0]?.start ?? 0;
  const offsets = nodes.map(node => node.start - start);
  return { keys: nodes.map(({ key }) => key), offsets, base, baseImage };
}

function isStill({ keys, offsets }: StageStamp, nodes: readonly InstructionNode[]): boolean {
  const start = nodes[0]?.start ?? 0;
  if (keys.length !== nodes.length) return false;
  return nodes.every(({ key, start: own }, index) => key === keys[index] && own - start === offsets[index]);
}

function isSame(left: readonly object[], right: readonly object[]): boolean {
  return left.length === right.length && left.every((one, index) => one === right[index]);
}
