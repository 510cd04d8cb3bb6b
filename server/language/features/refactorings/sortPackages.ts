import { type ShellCommand, shellCommands } from '../../shell/commands.ts';
import { staticValue } from '../../shell/literal.ts';
import type { ShellScript } from '../../shell/script.ts';
import { shellScripts } from '../../shell/scripts.ts';
import { findLine, lineSpan } from '../../syntax/position.ts';
import type { Span, Tree } from '../../syntax/tree.ts';
import { type Refactor, type Refactoring, soundScript } from './refactoring.ts';

/** Sorts the packages of the list at the selection that stand on lines of their own, with the comments above them. */
export const sortPackages: Refactor = selection => {
  const { result, node, start } = selection;
  const { tree } = result.file;
  const script = soundScript(node, shellScripts(result.file));
  if (!script) return undefined;
  const line = findLine(tree, start);
  for (const command of shellCommands(script.tree)) {
    const span = script.span(command);
    if (line < findLine(tree, span.start) || line > findLine(tree, span.end)) continue;
    const refactoring = sortCommand(tree, script, command);
    if (refactoring) return refactoring;
  }
  return undefined;
};

/** The words that stand before packages, by command. */
const installs: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'apt-get': ['install', 'remove', 'purge'],
    apt: ['install', 'remove', 'purge'],
    aptitude: ['install'],
    apk: ['add', 'del'],
    dnf: ['install', 'remove'],
    microdnf: ['install', 'remove'],
    yum: ['install', 'remove'],
    zypper: ['install', 'in', 'remove'],
    pacman: ['-S', '-Sy', '-Syu'],
    pip: ['install'],
    pip3: ['install'],
    npm: ['install', 'i', 'add'],
    yarn: ['add'],
    gem: ['install'],
  }),
);

/** A line of the list. */
interface Entry {
  /** The comments directly above, each with its line end. */
  readonly comments: string;
  /** What stands on the line between its indentation and its continuation. */
  readonly words: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

function sortCommand(tree: Tree, script: ShellScript, command: ShellCommand): Refactoring | undefined {
  const entries = longestRun(readEntries(tree, script, packageSpans(script, command)));
  const sorted = [...entries].sort((left, right) => compare(left.words, right.words));
  if (entries.length < 2 || sorted.every((entry, at) => entry === entries[at])) return undefined;
  const changes = entries.flatMap((entry, at) => {
    const { comments, words } = sorted[at] ?? entry;
    const indent = tree.lineStarts[entry.line] ?? 0;
    const above = { start: indent - entry.comments.length, end: indent, text: comments };
    const own = { start: entry.start, end: entry.end, text: words };
    return [...(above.text === entry.comments ? [] : [above]), ...(words === entry.words ? [] : [own])];
  });
  return { title: 'Sort packages', kind: 'refactor.rewrite', changes };
}

/** By letters, whatever their case, as people look for them. */
function compare(left: string, right: string): number {
  const [lower, other] = [left.toLowerCase(), right.toLowerCase()];
  if (lower !== other) return lower < other ? -1 : 1;
  return left < right ? -1 : 1;
}

function packageSpans(script: ShellScript, { name, args }: ShellCommand): Span[] {
  const verbs = installs.get(name?.slice(name.lastIndexOf('/') + 1) ?? '');
  const verb = args.findIndex(word => verbs?.includes(staticValue(word) ?? ''));
  return verb < 0 ? [] : args.slice(verb + 1).map(word => script.span(word));
}

/** The lines that hold packages and nothing else. A line with an option is none: what follows may be its value. */
function readEntries(tree: Tree, { node }: ShellScript, packages: readonly Span[]): (Entry | undefined)[] {
  const byLine = new Map<number, Span[]>();
  for (const span of packages) {
    const line = findLine(tree, span.start);
    byLine.set(line, [...(byLine.get(line) ?? []), span]);
  }
  return [...byLine].map(([line, spans]) => {
    const [first, last] = [spans[0], spans.at(-1)];
    const { start, end } = lineSpan(tree, line);
    if (!first || !last || last.end > end || line === node.line) return undefined;
    const before = tree.text.slice(start, first.start);
    const after = tree.text.slice(last.end, end);
    const words = tree.text.slice(first.start, last.end);
    if (before.trim() !== '' || !isTail(after, tree.escapeToken) || /(?:^|\s)-/.test(words)) return undefined;
    return { comments: commentsAbove(tree, line), words, line, start: first.start, end: last.end };
  });
}

/** What may follow the last package of a line: a continuation, the end, or what ends the command. */
function isTail(text: string, escapeToken: string): boolean {
  const rest = text.trim();
  return rest === '' || rest === escapeToken || /^[;&|)]/.test(rest);
}

function commentsAbove(tree: Tree, line: number): string {
  let first = line;
  while (first > 0 && /^\s*#/.test(lineText(tree, first - 1))) first--;
  return tree.text.slice(tree.lineStarts[first], tree.lineStarts[line]);
}

function lineText(tree: Tree, line: number): string {
  const { start, end } = lineSpan(tree, line);
  return tree.text.slice(start, end);
}

/** The longest piece without gaps: entries on lines that follow each other, but for comments. */
function longestRun(entries: readonly (Entry | undefined)[]): Entry[] {
  let longest: Entry[] = [];
  let run: Entry[] = [];
  for (const entry of entries) {
    const last = run.at(-1);
    if (!entry) run = [];
    else if (last && isNext(last, entry)) run.push(entry);
    else run = [entry];
    if (run.length > longest.length) longest = [...run];
  }
  return longest;
}

function isNext(last: Entry, { line, comments }: Entry): boolean {
  return line - last.line === comments.split('\n').length;
}
