import type { Dockerfile, FromInstruction, Instruction } from '../instructions/types.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import {
  createInterpreter,
  defaultInterpreter,
  type Interpreter,
  imageInterpreter,
  readShellPragma,
} from './interpreter.ts';

/** Which shell the stages of a file have: go through it in order, stage after stage. */
export class StageInterpreters {
  /** The shell at the end of each named stage. */
  readonly #stages = new Map<string, Interpreter>();
  #stage: string | undefined;
  #current = defaultInterpreter;

  /** The one that holds here. */
  get current(): Interpreter {
    return this.#current;
  }

  /** Goes past an instruction, above which a comment has `chosen` one. */
  pass(instruction: Instruction | undefined, chosen: Interpreter | undefined): void {
    if (chosen) this.set(chosen);
    if (instruction?.kind === 'FROM') this.open(instruction);
    else if (instruction?.kind === 'SHELL') {
      this.set(createInterpreter(instruction.words.map(({ text }) => text)));
    }
  }

  /** A stage begins: with the shell of the one that it is built on. */
  open(from: FromInstruction): void {
    this.#stage = from.alias?.text.toLowerCase();
    this.set(this.#stages.get(from.image.text.toLowerCase()) ?? ofImage(from));
  }

  /** Another one holds from here on. */
  set(interpreter: Interpreter): void {
    this.#current = interpreter;
    if (this.#stage !== undefined) this.#stages.set(this.#stage, interpreter);
  }
}

const ofImages = new NodeMemo<Interpreter>();

function ofImage(from: FromInstruction): Interpreter {
  const interpreter = ofImages.get(from.node) ?? imageInterpreter(from);
  ofImages.set(from.node, interpreter);
  return interpreter;
}

/** What `# hadolint shell=` above instructions chooses, which holds from there on; undefined without any in the file. */
export function chosenByPragmas({ tree }: Dockerfile): ReadonlyMap<InstructionNode, Interpreter> | undefined {
  if (!/hadolint[^\n]*shell/.test(tree.text)) return undefined;
  const chosen = new Map<InstructionNode, Interpreter>();
  let last: Interpreter | undefined;
  for (const element of tree.elements) {
    if (element.kind === 'comment')
      last = readShellPragma(tree.text.slice(element.start, element.end)) ?? last;
    if (element.kind !== 'instruction') continue;
    if (last) chosen.set(element, last);
    last = undefined;
  }
  return chosen;
}
