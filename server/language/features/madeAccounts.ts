import { wordText } from '../hadolint/wordText.ts';
import type { CheckResult } from '../lint/check.ts';
import { type ShellCommand, shellCommands } from '../shell/commands.ts';
import { defaultInterpreter } from '../shell/interpreter.ts';
import { readExecWords, readShellScript } from '../shell/script.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { stageOf, visibleVariables } from './environment.ts';

/** Names of users and groups. */
export interface MadeAccounts {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** Flags whose value is a word of its own: of shadow's useradd, Debian's adduser and BusyBox's. */
const userFlags =
  /^(?:-[a-zA-Z]*[bcdefgGkKpPRsuZh]|--(?:base-dir|comment|home-dir|expiredate|inactive|gid|groups|skel|key|password|prefix|root|shell|uid|selinux-user|home|ingroup|gecos|conf|firstuid|lastuid|firstgid|lastgid))$/;
const groupFlags = /^(?:-[a-zA-Z]*[gKpPRU]|--(?:gid|key|password|root|prefix|users|conf|firstgid|lastgid))$/;

const makers: ReadonlyMap<string, { readonly kind: keyof MadeAccounts; readonly valued: RegExp }> = new Map([
  ['useradd', { kind: 'users', valued: userFlags }],
  ['adduser', { kind: 'users', valued: userFlags }],
  ['groupadd', { kind: 'groups', valued: groupFlags }],
  ['addgroup', { kind: 'groups', valued: groupFlags }],
]);
const makesSome = /\b(?:useradd|adduser|groupadd|addgroup)\b/;

/**
 * The users and groups that RUN instructions have made where `node` stands: in its stage, those that it is built on, and
 * those from which account files are copied.
 */
export function madeAccounts(result: CheckResult, node: InstructionNode): MadeAccounts {
  const users = new Set<string>();
  const groups = new Set<string>();
  const made = { users, groups };
  for (const run of runsBefore(result, node)) {
    for (const command of accountCommands(result, run)) {
      const maker = makers.get(command.name ?? '');
      const name = maker && firstOperand(result, { run, command, valued: maker.valued });
      if (maker && name) made[maker.kind].add(name);
    }
  }
  return made;
}

function runsBefore(result: CheckResult, node: InstructionNode): InstructionNode[] {
  const own = stageOf(result, node);
  if (own === undefined) return [];
  const nodes: InstructionNode[] = [];
  for (let facts: typeof own | undefined = own; facts; facts = facts.base) {
    nodes.unshift(...facts.stage.nodes.filter(({ start }) => start < node.start));
  }
  const all = nodes.some(copiesAccounts)
    ? result.file.stages.flatMap(stage => stage.nodes.filter(({ start }) => start < node.start))
    : nodes;
  return all.filter(({ name }) => name === 'RUN');
}

function copiesAccounts({ name, flags, args }: InstructionNode): boolean {
  const isFromStage = name === 'COPY' && flags.some(flag => flag.name.text === 'from');
  return isFromStage && args.some(({ text }) => /^\/etc(?:\/|\/passwd|\/group)?$/.test(text));
}

function accountCommands({ file: { tree } }: CheckResult, run: InstructionNode): readonly ShellCommand[] {
  if (!makesSome.test(run.rest.text) && !run.heredocs.some(({ content }) => makesSome.test(content)))
    return [];
  const options = { interpreter: defaultInterpreter, heredocs: run.heredocs };
  const script = run.json ? readExecWords(run) : readShellScript(tree, run, options);
  return script ? shellCommands(script.tree) : [];
}

/** The name, which is the first word that belongs to no flag; undefined when a part of it is not known. */
function firstOperand(
  result: CheckResult,
  of: { readonly run: InstructionNode; readonly command: ShellCommand; readonly valued: RegExp },
): string | undefined {
  const words = of.command.args.map(wordText);
  const at = words.findIndex(
    (word, index) => !word.startsWith('-') && !of.valued.test(words[index - 1] ?? ''),
  );
  const written = words[at];
  if (written === undefined || !written.includes('$')) return written;
  const variables = visibleVariables(result, of.run);
  const name = written.replace(/\$\{(\w+)\}/g, (all, variable) => variables.get(variable)?.value ?? all);
  return name.includes('$') ? undefined : name;
}
