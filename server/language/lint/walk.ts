import type { InstructionFacts, StageFacts } from '../evaluation/types.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { LintContext } from './rule.ts';

/** All instructions of the file in order, wrong ones too. */
export function* instructionNodes({ file }: LintContext): Generator<InstructionNode> {
  for (const element of file.tree.elements) if (element.kind === 'instruction') yield element;
}

/** The facts of all instructions in all stages. */
export function* instructionFacts({ evaluation }: LintContext): Generator<InstructionFacts> {
  for (const stage of evaluation.stages) yield* stage.instructions;
}

/** The stages, with the node of their FROM. */
export function* stageNodes({
  evaluation,
}: LintContext): Generator<{ readonly facts: StageFacts; readonly node: InstructionNode }> {
  for (const facts of evaluation.stages) yield { facts, node: facts.stage.from.node };
}

/** `span`, unless the instruction is a trigger that stands in another text: then its FROM. */
export function spanIn(facts: InstructionFacts, span: Span): Span {
  const { start, end } = facts.node === facts.instruction.node ? span : facts.node.keyword;
  return { start, end };
}

/** `start` and `end` of something that has more. */
export function spanOf({ start, end }: Span): Span {
  return { start, end };
}
