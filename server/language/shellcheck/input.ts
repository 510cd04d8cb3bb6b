import type { Page } from '../instructions/page.ts';
import type { Dockerfile, Instruction } from '../instructions/types.ts';
import type { Interpreter, ShellDialect } from '../shell/interpreter.ts';
import { chosenByPragmas, StageInterpreters } from '../shell/interpreters.ts';
import type { ShellScript } from '../shell/script.ts';
import { readNodeScript } from '../shell/scripts.ts';
import { NodeKey, PageMemo } from '../syntax/nodeMemo.ts';
import type { InstructionNode, Tree } from '../syntax/tree.ts';

/** What ShellCheck is given to read: a script, behind the variables that the build exports to it. */
export interface ShellcheckInput {
  /** The instruction of the file that has the script in it. */
  readonly owner: InstructionNode;
  /** The text of the script alone. */
  readonly script: string;
  /** That of the stage. */
  readonly interpreter: Interpreter;
  /** A value of its `--shell`. */
  readonly shell: 'sh' | 'bash' | 'dash' | 'ksh';
  readonly text: string;
  /** The same for inputs about which ShellCheck says the same. */
  readonly key: string;
  /** The piece of `text` that is not the script's. */
  readonly header: { readonly start: number; readonly length: number };
}

/** The inputs of a page: the same object as long as they are the same. */
export interface PageInputs {
  readonly inputs: readonly ShellcheckInput[];
  readonly key: NodeKey;
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

/** The scripts of a file that ShellCheck can read, in order. */
export function shellcheckInputs(file: Dockerfile): readonly ShellcheckInput[] {
  return shellcheckPages(file).flatMap(({ inputs }) => inputs);
}

/** As {@link shellcheckInputs}, page after page. */
export function shellcheckPages(file: Dockerfile): readonly PageInputs[] {
  const chosen = chosenByPragmas(file);
  const interpreters = new StageInterpreters();
  let exported = Exported.nothing;
  return file.pages.map(page => {
    if (page.from) {
      exported = Exported.nothing;
      if (!chosen) interpreters.open(page.from);
    }
    const before = { interpreter: interpreters.current, exported };
    const last = chosen ? undefined : known.get(page);
    const isStill = last?.before.interpreter === before.interpreter && last.before.exported === exported;
    const found = isStill ? last : readPage(page, { tree: file.tree, interpreters, chosen, before });
    if (isStill) interpreters.set(found.after.interpreter);
    else if (!chosen) known.set(page, found);
    exported = found.after.exported;
    return found;
  });
}

interface Around {
  readonly interpreter: Interpreter;
  readonly exported: Exported;
}

interface ReadPage extends PageInputs {
  readonly before: Around;
  readonly after: Around;
}

const known = new PageMemo<ReadPage>();

function readPage(
  page: Page,
  options: {
    readonly tree: Tree;
    readonly interpreters: StageInterpreters;
    readonly chosen: ReadonlyMap<InstructionNode, Interpreter> | undefined;
    readonly before: Around;
  },
): ReadPage {
  const { tree, interpreters, chosen, before } = options;
  const inputs: ShellcheckInput[] = [];
  const variables = new Variables(before.exported);
  for (const { node, instruction } of page.reads) {
    if (instruction) variables.add(instruction);
    // The stage of the page is open already, but for what a comment above its FROM says.
    if (instruction?.kind !== 'FROM' || chosen) interpreters.pass(instruction, chosen?.get(node));
    const interpreter = interpreters.current;
    const script = readNodeScript(tree, node, interpreter);
    const { dialect } = script?.interpreter ?? {};
    if (!script || !dialect) continue;
    const exported = variables.header(script, { isTrigger: script.node !== node });
    inputs.push(createInput(script.text, shells[dialect], { exported, interpreter, owner: node }));
  }
  const exported = before.exported.next(variables);
  return { inputs, key: new NodeKey(), before, after: { interpreter: interpreters.current, exported } };
}

/** A `# shellcheck disable=` in the first lines counts for the whole script, if no command stands before it. */
const firstLines = /^(?:[ \t]*(?:#[^\n]*)?\n)*/;

function createInput(
  script: string,
  shell: ShellcheckInput['shell'],
  around: Pick<ShellcheckInput, 'interpreter' | 'owner'> & { readonly exported: string },
): ShellcheckInput {
  const { exported, interpreter, owner } = around;
  const start = firstLines.exec(script)?.[0].length ?? 0;
  const text = script.slice(0, start) + exported + script.slice(start);
  const header = { start, length: exported.length };
  return { owner, script, interpreter, shell, text, key: `${shell} ${text}`, header };
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
  readonly #own: Exports;
  readonly #ofTriggers: Exports;

  /** Behind others of the same stage. */
  constructor({ own, ofTriggers }: Exported) {
    this.#own = new Exports(own);
    this.#ofTriggers = new Exports(ofTriggers);
  }

  get own(): readonly string[] {
    return this.#own.names;
  }

  get ofTriggers(): readonly string[] {
    return this.#ofTriggers.names;
  }

  add(instruction: Instruction): void {
    switch (instruction.kind) {
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

/** The names of the variables between two pages: the same object as long as they are the same. */
class Exported {
  static readonly nothing = new Exported([], []);
  readonly own: readonly string[];
  readonly ofTriggers: readonly string[];
  #next: Exported | undefined;

  private constructor(own: readonly string[], ofTriggers: readonly string[]) {
    this.own = own;
    this.ofTriggers = ofTriggers;
  }

  /** Those behind a page, which are these and more. */
  next({ own, ofTriggers }: Variables): Exported {
    if (this.says(own, ofTriggers)) return this;
    const known = this.#next;
    const next = known?.says(own, ofTriggers) ? known : new Exported(own, ofTriggers);
    this.#next = next;
    return next;
  }

  private says(own: readonly string[], ofTriggers: readonly string[]): boolean {
    return isEqual(this.own, own) && isEqual(this.ofTriggers, ofTriggers);
  }
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => name === other[at]);
}

/** Names of variables, and the line that exports them. */
class Exports {
  readonly #names: Set<string>;
  #line: string | undefined;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

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
