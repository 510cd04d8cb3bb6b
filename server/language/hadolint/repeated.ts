import type { Dockerfile } from '../instructions/types.ts';
import type { EditorFinding } from '../lint/editorRule.ts';
import type { InstructionName } from '../syntax/tree.ts';
import { outlineOf } from './outline.ts';

/** All but the first of the instructions of a name in each stage. */
export function* repeated(file: Dockerfile, name: InstructionName): Generator<EditorFinding> {
  for (const { steps } of outlineOf(file).stages) {
    const own = steps.filter(({ instruction }) => instruction.kind === name);
    for (const { node } of own.slice(1)) {
      const { start, end } = node.keyword;
      yield { start, end, node, message: `This stage has a ${name} already, which this one replaces` };
    }
  }
}
