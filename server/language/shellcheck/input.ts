import type { Dockerfile, Instruction } from '../instructions/types.ts';
import type { ShellDialect } from '../shell/interpreter.ts';
import type { ShellScript } from '../shell/script.ts';
import { shellScripts } from '../shell/scripts.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';

/** What ShellCheck is given to read: a script, behind the variables that the build exports to it. */
export interface ShellcheckInput {
  readonly script: ShellScript;
  /** A value of its `--shell`. */
  readonly shell: 'sh' | 'bash' | 'dash' | 'ksh';
  readonly text: string;
  /** The same for inputs about which ShellCheck says the same. */
  readonly key: string;
  /** The piece of `text` that is not the script's. */
  readonly header: { readonly start: number; readonly length: number };
}

/** Codes that say nothing about a script in a Dockerfile; hadolint leaves out the same. */
export const excludedCodes = [
  // Ash scripts will be checked as Dash.
  'SC2187',
  // Files that `source` names are in the image, where nobody can look.
  'SC1090',
  'SC1091',
] as const;

const shells: { readonly [dialect in ShellDialect]: ShellcheckInput['shell'] } = {
  sh: 'sh',
  bash: 'bash',
  dash: 'dash',
  ash: 'dash',
  ksh: 'ksh',
};

/** The scripts of a file that ShellCheck can read, in order. Made once for each `file`. */
export function shellcheckInputs(file: Dockerfile): readonly ShellcheckInput[] {
  const known = inputsOf.get(file);
  if (known) return known;
  const inputs: ShellcheckInput[] = [];
  const scripts = shellScripts(file);
  const variables = new Variables();
  let next = 0;
  for (const { node, instruction } of file.reads) {
    if (instruction) variables.add(instruction);
    for (let script = scripts[next]; script && script.node.start < node.end; script = scripts[++next]) {
      const { dialect } = script.interpreter;
      if (!dialect) continue;
      const exported = variables.header(script, { isTrigger: script.node !== node });
      inputs.push(createInput(script, shells[dialect], exported));
    }
  }
  inputsOf.set(file, inputs);
  return inputs;
}

const inputsOf = new WeakMap<Dockerfile, readonly ShellcheckInput[]>();

/** A `# shellcheck disable=` in the first lines counts for the whole script, if no command stands before it. */
const firstLines = /^(?:[ \t]*(?:#[^\n]*)?\n)*/;

/** Inputs by the instruction of their script: a file of thousands is put together again at every key. */
const kept = new NodeMemo<Omit<ShellcheckInput, 'script'> & { readonly exported: string }>();

function createInput(
  script: ShellScript,
  shell: ShellcheckInput['shell'],
  exported: string,
): ShellcheckInput {
  const known = kept.get(script.node);
  if (known?.exported === exported && known.shell === shell) return { ...known, script };
  const start = firstLines.exec(script.text)?.[0].length ?? 0;
  const text = script.text.slice(0, start) + exported + script.text.slice(start);
  const input = { shell, text, key: `${shell} ${text}`, header: { start, length: exported.length } };
  kept.set(script.node, { ...input, exported });
  return { ...input, script };
}

/** What a build exports to every command. */
const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap(name => [
  name,
  name.toUpperCase(),
]);

/** With more variables than this a script gets only those that it names: work stays proportional to the file. */
const mostVariables = 100;

/**
 * The variables that are set at a place of the file. As in what hadolint gives to ShellCheck, each has the value 1 and a
 * stage knows nothing of the one that it is built on. A trigger runs in a build that is based on the stage: it sees what
 * the triggers before it set, and the stage's ENV, but not its ARG.
 */
class Variables {
  #own = new Exports();
  #ofTriggers = new Exports();

  add(instruction: Instruction): void {
    switch (instruction.kind) {
      case 'FROM':
        this.#own = new Exports();
        this.#ofTriggers = new Exports();
        break;
      case 'ENV':
        this.#own.add(names(instruction));
        this.#ofTriggers.add(names(instruction));
        break;
      case 'ARG':
        this.#own.add(names(instruction));
        break;
      case 'ONBUILD':
        if (instruction.trigger) this.#ofTriggers.add(names(instruction.trigger));
        break;
    }
  }

  /** A line that exports those that `script` sees. */
  header({ text }: ShellScript, { isTrigger }: { readonly isTrigger: boolean }): string {
    return (isTrigger ? this.#ofTriggers : this.#own).line(text);
  }
}

function names(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case 'ENV':
      return instruction.pairs.map(({ key }) => key.text);
    case 'ARG':
      return instruction.declarations.map(({ key }) => key.text);
    default:
      return [];
  }
}

/** Names of variables, and the line that exports them. */
class Exports {
  readonly #names = new Set<string>();
  #line: string | undefined;

  add(names: readonly string[]): void {
    for (const name of names) {
      if (this.#names.has(name) || !/^[A-Za-z_]\w*$/.test(name)) continue;
      this.#names.add(name);
      this.#line = undefined;
    }
  }

  /** Of very many only those that `text` names. */
  line(text: string): string {
    if (this.#names.size > mostVariables) {
      const named = new Set(text.match(/\w+/g));
      return exporting([...this.#names].filter(name => named.has(name)));
    }
    this.#line ??= exporting([...this.#names]);
    return this.#line;
  }
}

function exporting(names: readonly string[]): string {
  return `export ${[...proxies, ...names].map(name => `${name}=1`).join(' ')}\n`;
}
