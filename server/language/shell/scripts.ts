import type { Dockerfile, FromInstruction, Instruction } from '../instructions/types.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import {
  createInterpreter,
  defaultInterpreter,
  type Interpreter,
  imageInterpreter,
  readShellPragma,
} from './interpreter.ts';
import { readShellScript, type ShellScript } from './script.ts';

/**
 * The scripts of a file in their order, each with the shell that its stage has at that place: from SHELL, from
 * `# hadolint shell=`, from the stage that it is built on. Those of the same `file` are made once.
 */
export function shellScripts(file: Dockerfile): readonly ShellScript[] {
  const known = scriptsOf.get(file);
  if (known) return known;
  const scripts = new ScriptReader(file).read();
  scriptsOf.set(file, scripts);
  return scripts;
}

/** The shell that an instruction has, in whatever form it is written. */
export function interpreterAt(file: Dockerfile, node: InstructionNode): Interpreter {
  return new ScriptReader(file).interpreterAt(node);
}

const scriptsOf = new WeakMap<Dockerfile, readonly ShellScript[]>();

class ScriptReader {
  readonly #file: Dockerfile;
  readonly #scripts: ShellScript[] = [];
  /** The shell at the end of each named stage. */
  readonly #stages = new Map<string, Interpreter>();
  #stage: string | undefined;
  #interpreter = defaultInterpreter;

  constructor(file: Dockerfile) {
    this.#file = file;
  }

  read(): readonly ShellScript[] {
    for (const node of this.#nodes()) this.#readScript(node);
    return this.#scripts;
  }

  interpreterAt(node: InstructionNode): Interpreter {
    for (const one of this.#nodes()) if (one === node) break;
    return this.#interpreter;
  }

  /** The instructions, each when all before it, and itself, have said what the shell is. */
  *#nodes(): Generator<InstructionNode> {
    const { tree, reads } = this.#file;
    let next = 0;
    for (const element of tree.elements) {
      if (element.kind === 'comment') {
        this.#readComment(tree.text.slice(element.start, element.end));
      } else if (element.kind === 'instruction') {
        this.#readShell(reads[next++]?.instruction);
        yield element;
      }
    }
  }

  #readComment(text: string): void {
    if (text.includes('hadolint')) this.#setInterpreter(readShellPragma(text) ?? this.#interpreter);
  }

  #readShell(instruction: Instruction | undefined): void {
    if (instruction?.kind === 'FROM') this.#openStage(instruction);
    else if (instruction?.kind === 'SHELL') {
      this.#setInterpreter(createInterpreter(instruction.words.map(({ text }) => text)));
    }
  }

  #readScript(node: InstructionNode): void {
    let inner = node;
    while (inner.trigger) inner = inner.trigger;
    const { heredocs } = node;
    const script = readShellScript(this.#file.tree, inner, { interpreter: this.#interpreter, heredocs });
    if (script) this.#scripts.push(script);
  }

  #openStage(from: FromInstruction): void {
    this.#interpreter = this.#stages.get(from.image.text.toLowerCase()) ?? imageInterpreter(from);
    this.#stage = from.alias?.text.toLowerCase();
    this.#setInterpreter(this.#interpreter);
  }

  #setInterpreter(interpreter: Interpreter): void {
    this.#interpreter = interpreter;
    if (this.#stage !== undefined) this.#stages.set(this.#stage, interpreter);
  }
}
