import { firstProblem, parse } from '../instructions/parse.ts';
import type { Instruction } from '../instructions/types.ts';

/** The instruction of an ONBUILD, and what is wrong with it: it is looked at only where it runs. */
export function readTrigger(expression: string): {
  readonly instruction: Instruction | undefined;
  readonly problem: string | undefined;
} {
  // A stage of its own: the trigger would stand nowhere otherwise.
  const prefix = 'FROM scratch\n';
  const file = parse(prefix + expression);
  const count = file.tree.elements.filter(({ kind }) => kind === 'instruction').length - 1;
  const instruction = file.stages[0]?.instructions[0];
  const problem = firstProblem(file)?.message;
  if (problem !== undefined) return { instruction: undefined, problem };
  if (count !== 1)
    return { instruction: undefined, problem: 'onbuild trigger should be a single expression' };
  return { instruction, problem: undefined };
}
