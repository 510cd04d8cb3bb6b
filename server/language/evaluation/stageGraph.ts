import type { CopyInstruction, Instruction, RunInstruction } from '../instructions/types.ts';
import { processWord } from '../shell/word.ts';
import type { InstructionNode, Word } from '../syntax/tree.ts';

/** A stage, or an image that COPY or a mount reads from: what a build has to make before it can go on. */
export interface GraphNode {
  readonly name: string | undefined;
  /** The image or the stage it is built on, variables replaced. */
  readonly baseName: string;
  readonly base: GraphNode | undefined;
  /** Undefined for an image that is only read from. */
  readonly index: number | undefined;
  readonly where: InstructionNode;
  readonly dependencies: Set<GraphNode>;
}

/** An instruction that reads from another stage or image. */
export interface StageUse {
  readonly source: GraphNode;
  readonly word: Word;
}

/** The stages of a file and who reads from whom. */
export class StageGraph {
  readonly nodes: GraphNode[] = [];
  readonly #byName = new Map<string, GraphNode>();
  #stages = 0;

  /** Adds a stage; a name that is given again stands for the later stage from here on. */
  addStage(stage: Pick<GraphNode, 'name' | 'baseName' | 'where'>): GraphNode {
    const { name, baseName, where } = stage;
    const base = this.#byName.get(baseName);
    const node: GraphNode = { name, baseName, base, index: this.#stages++, where, dependencies: new Set() };
    this.nodes.push(node);
    if (name !== undefined) this.#byName.set(name, node);
    return node;
  }

  /** Names of the stages. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  /**
   * What `instruction` reads from, as dependencies of `user`.
   *
   * @throws SampanError `dockerfile-invalid` when the expression cannot be read
   */
  addUses(
    user: GraphNode,
    instruction: Instruction,
    report: (word: Word, code: string, message: string) => void,
  ): StageUse[] {
    const uses = this.#findUses(instruction, report);
    for (const { source } of uses) user.dependencies.add(source);
    return uses;
  }

  /** A stage that depends on itself through COPY --from or mounts. */
  findCycle(): GraphNode | undefined {
    const finished = new Set<GraphNode>();
    return this.nodes.find(node => reachesCycle(node, finished));
  }

  #findUses(
    instruction: Instruction,
    report: (word: Word, code: string, message: string) => void,
  ): StageUse[] {
    if (instruction.kind === 'COPY') return this.#findCopySource(instruction, report);
    return instruction.kind === 'RUN' ? this.#findMountSources(instruction) : [];
  }

  #findCopySource(
    instruction: CopyInstruction,
    report: (word: Word, code: string, message: string) => void,
  ): StageUse[] {
    const word = instruction.from;
    if (!word || word.text === '') return [];
    if (processWord(word.text, { env: new Map() }).text !== word.text) {
      const message =
        'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround';
      report(word, 'variable-in-from', message);
      return [];
    }
    if (!/^[+-]?\d+$/.test(word.text)) return [{ source: this.#find(word.text, instruction.node), word }];
    const source = this.nodes[Number(word.text)];
    if (!source) report(word, 'invalid-stage-index', `invalid stage index ${Number(word.text)}`);
    return source ? [{ source, word }] : [];
  }

  #findMountSources(instruction: RunInstruction): StageUse[] {
    return instruction.mounts.flatMap(mount => {
      const word = mount.fields.findLast(field => field.key.text === 'from')?.value;
      if (!word || word.text === '') return [];
      return [{ source: this.#find(word.text, instruction.node), word }];
    });
  }

  #find(name: string, where: InstructionNode): GraphNode {
    const stage = this.#byName.get(name.toLowerCase());
    if (stage) return stage;
    const base = this.#byName.get(name);
    const image = {
      name: undefined,
      baseName: name,
      base,
      index: undefined,
      where,
      dependencies: new Set<GraphNode>(),
    };
    this.nodes.push(image);
    return image;
  }
}

/** Depth first, without recursion: chains of stages can be longer than the stack. */
function reachesCycle(start: GraphNode, finished: Set<GraphNode>): boolean {
  const open = new Set([start]);
  const path = [{ node: start, rest: start.dependencies.values() }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.rest.next().value;
    if (next === undefined) {
      finished.add(top.node);
      open.delete(top.node);
      path.pop();
    } else if (open.has(next)) {
      return true;
    } else if (!finished.has(next)) {
      open.add(next);
      path.push({ node: next, rest: next.dependencies.values() });
    }
  }
  return false;
}
