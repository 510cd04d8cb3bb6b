import type { StagePart } from './outline.ts';
import type { StageFinding } from './stageMemo.ts';

/** All but the first of the instructions of one kind in a stage. */
export function* repeated({ steps }: StagePart): Generator<StageFinding> {
  for (const { node, instruction } of steps.slice(1)) {
    const { start, end } = node.keyword;
    yield {
      start,
      end,
      node,
      message: `This stage has a ${instruction.kind} already, which this one replaces`,
    };
  }
}
