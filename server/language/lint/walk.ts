import type { InstructionFacts, StageFacts } from '../evaluation/types.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { FileContext } from './rule.ts';

/** What rules look at in a page, sorted in one pass so that none walks over all that it passes by. All in order. */
export class Walk {
  /** FROM, wrong ones too, as in the next three. */
  readonly froms: InstructionNode[] = [];
  /** FROM and ARG. */
  readonly definitions: InstructionNode[] = [];
  readonly maintainers: InstructionNode[] = [];
  readonly withEmptyLines: InstructionNode[] = [];
  /** COPY and ADD in their places, as all that follows. */
  readonly transfers: InstructionFacts[] = [];
  /** ENV and LABEL in the old form. */
  readonly legacyPairs: InstructionFacts[] = [];
  /** ENV and ARG. */
  readonly variables: InstructionFacts[] = [];
  /** CMD and ENTRYPOINT. */
  readonly commands: InstructionFacts[] = [];
  readonly exposes: InstructionFacts[] = [];
  /** Those that use what is not set. */
  readonly unset: InstructionFacts[] = [];

  /** WORKDIR before which there is none. */
  readonly firstWorkdirs: InstructionFacts[] = [];

  constructor(nodes: readonly InstructionNode[], instructions: readonly InstructionFacts[]) {
    for (const node of nodes) this.#addNode(node);
    for (const facts of instructions) this.#addFacts(facts);
  }

  #addNode(node: InstructionNode): void {
    if (node.emptyLines.length > 0) this.withEmptyLines.push(node);
    if (node.name === 'FROM') this.froms.push(node);
    if (node.name === 'FROM' || node.name === 'ARG') this.definitions.push(node);
    if (node.name === 'MAINTAINER') this.maintainers.push(node);
  }

  #addPairs(facts: InstructionFacts): void {
    if (facts.instruction.node.legacyPair) this.legacyPairs.push(facts);
  }

  #addFacts(facts: InstructionFacts): void {
    if (facts.unset.length > 0) this.unset.push(facts);
    switch (facts.instruction.kind) {
      case 'COPY':
      case 'ADD':
        this.transfers.push(facts);
        break;
      case 'ENV':
        this.#addPairs(facts);
        this.variables.push(facts);
        break;
      case 'LABEL':
        this.#addPairs(facts);
        break;
      case 'ARG':
        this.variables.push(facts);
        break;
      case 'CMD':
      case 'ENTRYPOINT':
        this.commands.push(facts);
        break;
      case 'WORKDIR':
        if (!facts.hasWorkdir) this.firstWorkdirs.push(facts);
        break;
      case 'EXPOSE':
        this.exposes.push(facts);
        break;
    }
  }
}

/** The stages, with the node of their FROM. */
export function* stageNodes({
  evaluation,
}: FileContext): Generator<{ readonly facts: StageFacts; readonly node: InstructionNode }> {
  for (const facts of evaluation.stages) yield { facts, node: facts.stage.from.node };
}

/** `span`, unless the instruction is a trigger that stands in another text: then its FROM. */
export function spanIn(facts: InstructionFacts, span: Span): Span {
  const { start, end } = facts.node === facts.instruction.node ? span : facts.node.keyword;
  return { start, end };
}

export { spanOf } from '../syntax/place.ts';
