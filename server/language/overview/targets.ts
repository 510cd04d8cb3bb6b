import type { Dockerfile } from '../instructions/types.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { descriptionOf } from './describe.ts';

/** A stage that can be built. */
export interface Target {
  /** In lower case; undefined without `AS`. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** It is built when none is named: the last one. */
  readonly isDefault: boolean;
  /** As they are written. */
  readonly base: string;
  readonly platform: string | undefined;
  readonly node: InstructionNode;
}

/** The stages in their order (BuildKit dockerfile2llb ListTargets). */
export function listTargets({ stages }: Dockerfile): readonly Target[] {
  return stages.map(({ name, from, index }) => ({
    name,
    description: descriptionOf(name, from.node.comments),
    isDefault: index === stages.length - 1,
    base: from.image.text,
    platform: from.platform?.text,
    node: from.node,
  }));
}
