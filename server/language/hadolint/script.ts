import { shellCommands } from '../shell/commands.ts';
import type { Pipeline, ShellTree } from '../shell/grammar.ts';
import { defaultInterpreter } from '../shell/interpreter.ts';
import { readExecWords, readShellScript, type ScriptSpan, type ShellScript } from '../shell/script.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import { spanOf } from '../syntax/place.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { type Command, isCondition, readCommand } from './command.ts';

/**
 * What rules want to know about the shell script of a RUN. It holds nothing of the file, so that it can be kept while
 * the instruction stays as it is.
 */
export interface RunScript {
  /** Those that a rule asks for, in the order in which they are written. */
  readonly commands: readonly Command[];
  /** How many commands there are at all. */
  readonly count: number;
  /** The first pipe. */
  readonly pipe: ScriptSpan | undefined;
  /**
   * The last command, when each runs only after all before it succeeded: what is written behind it with `&&` runs
   * last. Undefined for all other scripts.
   */
  readonly chainEnd: ScriptSpan | undefined;
  /** The value of the first `PIP_NO_CACHE_DIR=` that is written in it. */
  readonly pipNoCacheDir: string | undefined;
}

/** A RUN of a file. */
export interface RunPlace {
  readonly tree: Tree;
  readonly node: InstructionNode;
}

/** The script of a RUN in either form; the words of the exec form are read as if a shell got them. */
export function runScript(place: RunPlace): RunScript {
  const known = scripts.get(place.node);
  if (known) return known;
  const script = readScript(place);
  const facts = script ? readFacts(script) : noScript;
  scripts.set(place.node, facts);
  return facts;
}

/** Tells where parts of the script of a RUN are in the file. */
export function scriptPlaces(place: RunPlace): (part: ScriptSpan) => Span {
  const script = readScript(place);
  return part => script?.span(part) ?? spanOf(place.node.rest);
}

const scripts = new NodeMemo<RunScript>();

const noScript: RunScript = {
  commands: [],
  count: 0,
  pipe: undefined,
  chainEnd: undefined,
  pipNoCacheDir: undefined,
};

/** The script of a RUN, or of another instruction that has one; undefined when no shell of ours can read it. */
function readScript({ tree, node }: RunPlace): ShellScript | undefined {
  const options = { interpreter: defaultInterpreter, heredocs: node.heredocs };
  return node.json ? readExecWords(node) : readShellScript(tree, node, options);
}

function readFacts(script: ShellScript): RunScript {
  const { tree, text, interpreter, isHeredoc } = script;
  // A heredoc may be a program of another language, as may be what bash cannot read.
  if ((isHeredoc && interpreter.dialect === undefined) || isForeign(tree, text)) return noScript;
  const all = shellCommands(tree).filter(command => !isCondition(command));
  const commands = all.flatMap((command, index) => readCommand(command, index) ?? []);
  const [pipe] = all.flatMap(({ pipeline }) => pipeline ?? []);
  return {
    commands,
    count: all.length,
    pipe: pipe && findPipe(text, pipe),
    chainEnd: script.node.heredocs.length > 0 || script.node.json ? undefined : findChainEnd(tree),
    pipNoCacheDir: /PIP_NO_CACHE_DIR=(\S*)/.exec(text)?.[1],
  };
}

/** What is wrong at the end is what somebody is still typing. */
function isForeign({ errors }: ShellTree, text: string): boolean {
  const end = text.trimEnd().length;
  return errors?.some(({ pos }) => pos < end - 1) ?? false;
}

function findPipe(text: string, { commands: [first] }: Pipeline): ScriptSpan | undefined {
  const pos = text.indexOf('|', first?.end);
  return pos < 0 ? undefined : { pos, end: pos + 1 };
}

function findChainEnd({ commands }: ShellTree): ScriptSpan | undefined {
  const [statement] = commands;
  if (!statement || commands.length !== 1 || statement.background) return undefined;
  const { command } = statement;
  const members = command.type === 'AndOr' ? command.commands : [command];
  const isStrict = command.type !== 'AndOr' || command.operators.every(operator => operator === '&&');
  const isSimple = members.every(({ type }) => type === 'Command' || type === 'Subshell');
  const last = members.at(-1);
  return isStrict && isSimple && last ? { pos: last.pos, end: last.end } : undefined;
}
