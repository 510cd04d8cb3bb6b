import type { InstructionName } from '../syntax/tree.ts';
import type { OutlineStage } from './outline.ts';
import type { StageFinding } from './stageMemo.ts';

/** All but the first of the instructions of a name in a stage. */
export function* repeated({ steps }: OutlineStage, name: InstructionName): Generator<StageFinding> {
  const own = steps.filter(({ instruction }) => instruction.kind === name);
  for (const { node } of own.slice(1)) {
    const { start, end } = node.keyword;
    yield { start, end, node, message: `This stage has a ${name} already, which this one replaces` };
  }
}
