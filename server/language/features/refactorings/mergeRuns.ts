import { shellCommands } from '../../shell/commands.ts';
import { forEachChild, type SyntaxNode } from '../../shell/grammar.ts';
import type { ShellScript } from '../../shell/script.ts';
import { shellScripts } from '../../shell/scripts.ts';
import { shellTokens } from '../../shell/tokens.ts';
import type { Element, InstructionNode, Tree } from '../../syntax/tree.ts';
import { lineEnd, type Refactor, soundScript } from './refactoring.ts';

/**
 * Makes one RUN of those that are selected, or of the one and the next. Each command still runs only after the ones before
 * it have succeeded, and finds the folder, the variables and the options of a new shell as before.
 */
export const mergeRuns: Refactor = ({ result, node, end }) => {
  const { tree } = result.file;
  const members = findMembers(tree.elements, node, end);
  const scripts = members.map(({ run }) => soundScript(run, shellScripts(result.file)));
  if (members.length < 2 || !scripts.every(script => script !== undefined)) return undefined;
  if (!scripts.every(script => isMergeable(script))) return undefined;
  const isStrict = exitsOnError(scripts[0]);
  if (isStrict && scripts.slice(0, -1).some(leavesTraces)) return undefined;
  if (!isStrict && scripts.some(exitsOnError)) return undefined;
  const pieces = scripts.map((script, at) => {
    const { start, end: stop } = script.node.rest;
    const written = tree.text.slice(start, stop);
    if (isStrict) return written;
    if (at < scripts.length - 1 && leavesTraces(script)) return `(${written})`;
    return at > 0 && !isChain(script) ? `{ ${written}; }` : written;
  });
  const first = members[0]?.run.rest;
  const last = members.at(-1)?.run.rest;
  if (!first || !last) return undefined;
  const text = pieces.reduce(
    (all, piece, at) => all + joint(tree, members[at]?.comments ?? [], isStrict) + piece,
  );
  const title = members.length === 2 ? 'Merge with the next RUN' : `Merge ${members.length} RUN instructions`;
  return { title, kind: 'refactor.rewrite', changes: [{ start: first.start, end: last.end, text }] };
};

interface Member {
  readonly run: InstructionNode;
  /** Between it and the one before. */
  readonly comments: readonly Element[];
}

/** The RUN instructions from `node` on that can be one: shell form, the same flags, and only comments between them. */
function findMembers(elements: readonly Element[], node: InstructionNode, end: number): Member[] {
  const members: Member[] = [];
  let comments: Element[] = [];
  for (let at = elements.indexOf(node); at >= 0 && at < elements.length; at++) {
    const element = elements[at];
    if (element?.kind === 'comment') comments.push(element);
    if (element?.kind !== 'instruction') continue;
    const isSelected = members.length < 2 || element.start < end;
    if (!isSelected || !canJoin(element, members)) break;
    members.push({ run: element, comments: members.length === 0 ? [] : comments });
    comments = [];
  }
  return members;
}

function canJoin(run: InstructionNode, members: readonly Member[]): boolean {
  const { name, json, heredocs, flags, comments } = run;
  if (name !== 'RUN' || json || heredocs.length > 0) return false;
  const [first] = members;
  if (!first) return true;
  // What is silenced above one instruction would not be any more.
  const isSilenced = comments.some(comment => /^\s*(?:hadolint|check=|shellcheck)/.test(comment));
  const text = (list: InstructionNode['flags']) => list.map(flag => flag.text).join(' ');
  return !isSilenced && text(flags) === text(first.run.flags);
}

function joint({ text, escapeToken }: Tree, comments: readonly Element[], isStrict: boolean): string {
  const end = lineEnd(text);
  const between = comments.map(({ start, end: stop }) => `${text.slice(start, stop)}${end}`).join('');
  return `${isStrict ? '; ' : ' '}${escapeToken}${end}${between}    ${isStrict ? '' : '&& '}`;
}

/** A comment of the shell would swallow what follows, a job in the background is waited for by nobody. */
function isMergeable({ tree, text }: ShellScript): boolean {
  const last = tree.commands.at(-1);
  if (!last || tree.commands.some(({ background }) => background)) return false;
  return !/[;&|]\s*$/.test(text) && shellTokens(tree, text).every(({ type }) => type !== 'comment');
}

/** `set -e` and its like at the very beginning. */
function exitsOnError(script: ShellScript | undefined): boolean {
  const [first] = script?.tree.commands ?? [];
  if (first?.command.type !== 'Command' || first.command.name?.value !== 'set') return false;
  return first.command.args.some(({ text }) => /^-\w*e/.test(text) || text === 'errexit');
}

/** One list of commands of which each needs the one before. */
function isChain({ tree }: ShellScript): boolean {
  const [only, ...others] = tree.commands;
  if (!only || others.length > 0) return false;
  return only.command.type !== 'AndOr' || only.command.operators.every(operator => operator === '&&');
}

const leaving: ReadonlySet<string | undefined> = new Set(
  '. alias cd declare eval exec exit export popd pushd read readonly return set shopt source trap typeset ulimit umask unset'.split(
    ' ',
  ),
);

/** True when what follows in the same shell could find something else than in a new one. */
function leavesTraces({ tree }: ShellScript): boolean {
  const inside = new Set<SyntaxNode>();
  const leaves = (node: SyntaxNode): boolean => {
    if (node.type === 'Subshell' || node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution')
      return false;
    if (node.type === 'Function') return true;
    if (node.type === 'Command') inside.add(node);
    let found = false;
    forEachChild(node, child => {
      found ||= leaves(child);
    });
    return found;
  };
  if (leaves(tree)) return true;
  return shellCommands(tree).some(
    ({ command, name }, at) =>
      inside.has(command) && (leaving.has(name) ? at > 0 || name !== 'set' : command.name === undefined),
  );
}
