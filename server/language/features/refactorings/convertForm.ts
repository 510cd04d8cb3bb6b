import type { CheckResult } from '../../lint/check.ts';
import { shellCommands } from '../../shell/commands.ts';
import type { Command } from '../../shell/grammar.ts';
import type { Interpreter } from '../../shell/interpreter.ts';
import { staticValue } from '../../shell/literal.ts';
import type { ShellScript } from '../../shell/script.ts';
import { interpreterAt, shellScripts } from '../../shell/scripts.ts';
import type { InstructionNode, Span } from '../../syntax/tree.ts';
import { type Refactor, soundScript } from './refactoring.ts';

/**
 * Writes a command in exec form. A single command without anything that only a shell can do is started by itself; all
 * else is given to the shell, as a build does.
 */
export const toExecForm: Refactor = ({ result, node }) => {
  if (isForEntrypoint(result, node)) return undefined;
  const script = soundScript(node, shellScripts(result.file));
  if (!script || node.heredocs.length > 0 || script.isHeredoc) return undefined;
  const words = plainWords(script) ?? [...script.interpreter.words, script.text];
  return {
    title: 'Convert to exec form',
    kind: 'refactor.rewrite',
    changes: [{ ...commandSpan(node), text: writeArray(words) }],
  };
};

/** Writes a command in shell form. The words of the shell itself are left out. */
export const toShellForm: Refactor = ({ result, node }) => {
  const words = commandWords(node);
  if (!words || words[0]?.startsWith('-') || isForEntrypoint(result, node)) return undefined;
  const interpreter = interpreterAt(result.file, node);
  if (!interpreter.dialect) return undefined;
  const text = shellText(words, interpreter);
  if (/[\r\n]/.test(text)) return undefined;
  return {
    title: 'Convert to shell form',
    kind: 'refactor.rewrite',
    changes: [{ ...commandSpan(node), text }],
  };
};

/** The arguments of an ENTRYPOINT: a shell before them would be one of them. */
function isForEntrypoint(result: CheckResult, { name, start }: InstructionNode): boolean {
  if (name !== 'CMD') return false;
  let stage = result.evaluation.stages.findLast(({ stage: { from } }) => from.node.start < start);
  for (; stage; stage = stage.base) {
    if (stage.stage.instructions.some(({ kind }) => kind === 'ENTRYPOINT')) return true;
  }
  return false;
}

const withCommand: ReadonlySet<string | undefined> = new Set(['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK']);

function commandWords({ name, json, args }: InstructionNode): string[] | undefined {
  if (!json || !withCommand.has(name)) return undefined;
  const words = (name === 'HEALTHCHECK' ? args.slice(1) : args).map(({ text }) => text);
  return words.length > 0 ? words : undefined;
}

/** The arguments; of HEALTHCHECK those behind CMD. */
function commandSpan({ name, rest, args }: InstructionNode): Span {
  const start = name === 'HEALTHCHECK' ? (args[0]?.end ?? rest.start) + 1 : rest.start;
  return { start, end: rest.end };
}

function plainWords({ tree }: ShellScript): string[] | undefined {
  const [command, ...others] = shellCommands(tree);
  if (!command || others.length > 0 || !isWhole(tree.commands, command.command)) return undefined;
  const { name, args, assignments, redirects } = command;
  if (assignments.length > 0 || redirects.length > 0 || args.length < command.command.args.length)
    return undefined;
  const words = [name, ...args.map(word => (word.text.startsWith('~') ? undefined : staticValue(word)))];
  if (!words.every(word => word !== undefined) || builtins.has(words[0] ?? '')) return undefined;
  return words;
}

function isWhole([statement, ...others]: ShellScript['tree']['commands'], command: Command): boolean {
  return others.length === 0 && !statement?.background && statement?.command === command;
}

/** Commands that are the shell's, and no programs that could be started. */
const builtins: ReadonlySet<string> = new Set(
  '. : alias bg break cd command continue eval exec exit export fg hash jobs local read readonly return set shift source times trap type ulimit umask unalias unset wait'.split(
    ' ',
  ),
);

function writeArray(words: readonly string[]): string {
  return `[${words.map(word => JSON.stringify(word)).join(', ')}]`;
}

function shellText(words: readonly string[], { words: shell }: Interpreter): string {
  const isGivenToShell = words.length === shell.length + 1 && shell.every((word, at) => word === words[at]);
  if (isGivenToShell) return words.at(-1) ?? '';
  return words.map(quote).join(' ');
}

function quote(word: string): string {
  if (/^[\w./:@%+,-][\w./:@%+=,-]*$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
