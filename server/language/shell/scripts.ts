import type { Dockerfile } from '../instructions/types.ts';
import type { InstructionNode, Tree } from '../syntax/tree.ts';
import type { Interpreter } from './interpreter.ts';
import { chosenByPragmas, StageInterpreters } from './interpreters.ts';
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
  readonly #interpreters = new StageInterpreters();

  constructor(file: Dockerfile) {
    this.#file = file;
  }

  read(): readonly ShellScript[] {
    const scripts: ShellScript[] = [];
    for (const node of this.#nodes()) {
      const script = readNodeScript(this.#file.tree, node, this.#interpreters.current);
      if (script) scripts.push(script);
    }
    return scripts;
  }

  interpreterAt(node: InstructionNode): Interpreter {
    for (const one of this.#nodes()) if (one === node) break;
    return this.#interpreters.current;
  }

  /** The instructions, each when all before it, and itself, have said what the shell is. */
  *#nodes(): Generator<InstructionNode> {
    const chosen = chosenByPragmas(this.#file);
    for (const { node, instruction } of this.#file.reads) {
      this.#interpreters.pass(instruction, chosen?.get(node));
      yield node;
    }
  }
}

/** The script of an instruction of the file, or of the one behind its ONBUILD; undefined without one. */
export function readNodeScript(
  tree: Tree,
  node: InstructionNode,
  interpreter: Interpreter,
): ShellScript | undefined {
  let inner = node;
  while (inner.trigger) inner = inner.trigger;
  return readShellScript(tree, inner, { interpreter, heredocs: node.heredocs });
}
