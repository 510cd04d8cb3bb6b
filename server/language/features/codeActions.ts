import { type CheckResult, check, type Warning } from '../lint/check.ts';
import { hints } from '../lint/hints.ts';
import type { TextChange } from '../lint/rule.ts';
import { findRule } from '../lint/rules.ts';
import { type Range, toOffset, toRange } from '../syntax/position.ts';
import type { DirectiveElement, InstructionNode, Problem, Span, Tree } from '../syntax/tree.ts';
import { diagnostics } from './diagnostics.ts';
import type { CodeAction, Diagnostic, TextEdit } from './types.ts';

/**
 * What can be done about the problems and warnings that touch a range. `only` names the kinds that are wanted; all
 * fixes of the file at once are given to those who name `source.fixAll` or a kind above it.
 */
export function codeActions(result: CheckResult, range: Range, only?: readonly string[]): CodeAction[] {
  const isWanted = (kind: CodeAction['kind']): boolean =>
    only?.some(one => kind === one || kind.startsWith(`${one}.`)) ?? kind === 'quickfix';
  const all = isWanted('source.fixAll') ? fixAll(result) : undefined;
  return [...(isWanted('quickfix') ? quickFixes(result, range) : []), ...(all ? [all] : [])];
}

function quickFixes(result: CheckResult, range: Range): CodeAction[] {
  const { tree } = result.file;
  const span = { start: toOffset(tree, range.start), end: toOffset(tree, range.end) };
  const touched = (one: Span): boolean => one.start <= span.end && one.end >= span.start;
  const all = diagnostics(result);
  const diagnosticOf = (one: Span & { readonly message: string }): Diagnostic[] =>
    all.filter(
      ({ message, range: { start } }) => message === one.message && toOffset(tree, start) === one.start,
    );
  const problems = result.problems.filter(touched);
  const warnings = result.warnings.filter(touched);
  return [
    ...problems.flatMap(problem => correct(tree, problem, diagnosticOf(problem))),
    ...[...warnings, ...hints(result).filter(touched)].flatMap(warning =>
      repair(tree, warning, diagnosticOf(warning)),
    ),
    ...warnings.flatMap(warning => silence(result, warning, diagnosticOf(warning))),
  ];
}

/**
 * All fixes of the file as one action: those of one fix may ask for another, so that the result is checked again.
 * Undefined when there is nothing to fix. Takes some checks of the whole file.
 */
function fixAll(result: CheckResult): CodeAction | undefined {
  const { tree } = result.file;
  let text = tree.text;
  let next = result;
  for (let round = 0; round < maximumRounds; round++) {
    const fixed = applyFixes(text, next);
    if (fixed === text) break;
    text = fixed;
    next = check(text);
  }
  if (text === tree.text) return undefined;
  const title = 'Fix all that can be fixed in this Dockerfile';
  return { title, kind: 'source.fixAll', edits: [toEdit(tree, difference(tree.text, text))] };
}

const maximumRounds = 5;

function applyFixes(text: string, { warnings }: CheckResult): string {
  const changes: TextChange[] = [];
  for (const { fix } of warnings) {
    if (fix && !fix.changes.some(one => changes.some(other => overlaps(one, other)))) {
      changes.push(...fix.changes);
    }
  }
  changes.sort((left, right) => right.start - left.start);
  return changes.reduce((all, { start, end, text: own }) => all.slice(0, start) + own + all.slice(end), text);
}

/** The one change that makes `to` of `from`. */
function difference(from: string, to: string): TextChange {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  let tail = 0;
  while (tail < shorter - start && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  return { start, end: from.length - tail, text: to.slice(start, to.length - tail) };
}

function correct(tree: Tree, problem: Problem, about: readonly Diagnostic[]): CodeAction[] {
  if (problem.suggestion === undefined) return [];
  const edits = [toEdit(tree, { ...problem, text: problem.suggestion })];
  const title = `Change to ${problem.suggestion}`;
  return [{ title, kind: 'quickfix', isPreferred: true, diagnostics: about, edits }];
}

function repair(tree: Tree, { fix }: Warning, about: readonly Diagnostic[]): CodeAction[] {
  if (!fix) return [];
  const edits = fix.changes.map(change => toEdit(tree, change));
  return [{ title: fix.title, kind: 'quickfix', isPreferred: true, diagnostics: about, edits }];
}

function silence(result: CheckResult, warning: Warning, about: readonly Diagnostic[]): CodeAction[] {
  const { tree } = result.file;
  const base = { kind: 'quickfix', diagnostics: about } as const;
  const inFile: CodeAction = {
    ...base,
    title: `Skip ${warning.rule} in this Dockerfile`,
    edits: [toEdit(tree, skipInFile(tree, warning.rule))],
  };
  const node = tree.elements.find(({ line, endLine }) => line <= warning.line && warning.line <= endLine);
  if (!findRule(warning.rule)?.isSkippedAbove || node?.kind !== 'instruction') return [inFile];
  const here: CodeAction = {
    ...base,
    title: `Skip ${warning.rule} for this instruction`,
    edits: [toEdit(tree, skipAbove(tree, node, warning.rule))],
  };
  return [here, inFile];
}

function skipInFile(tree: Tree, rule: string): TextChange {
  const isDirective = (one: { kind: string }): one is DirectiveElement => one.kind === 'directive';
  const directives = tree.elements.filter(isDirective);
  const check = directives.find(({ name }) => name.text === 'check');
  if (check) {
    const skip = /(?:^|;)\s*skip=[^; ]*/.exec(check.value.text);
    const at = skip ? check.value.start + skip.index + skip[0].length : check.value.end;
    return { start: at, end: at, text: skip ? `,${rule}` : `;skip=${rule}` };
  }
  const after = directives.at(-1);
  const at = after ? (tree.lineStarts[after.line + 1] ?? tree.text.length) : startOfText(tree);
  return { start: at, end: at, text: `# check=skip=${rule}\n` };
}

function skipAbove(tree: Tree, node: InstructionNode, rule: string): TextChange {
  const at = node.line === 0 ? startOfText(tree) : (tree.lineStarts[node.line] ?? 0);
  // At the top of the file it would be a directive for all of it: an empty comment ends the directives.
  const isTop = tree.elements.slice(0, tree.elements.indexOf(node)).every(({ kind }) => kind === 'directive');
  return { start: at, end: at, text: `${isTop ? '#\n' : ''}# check=skip=${rule}\n` };
}

function startOfText(tree: Tree): number {
  return tree.text.startsWith('\uFEFF') ? 1 : 0;
}

function overlaps(left: Span, right: Span): boolean {
  return left.start < right.end && right.start < left.end;
}

function toEdit(tree: Tree, { start, end, text }: TextChange): TextEdit {
  return { range: toRange(tree, { start, end }), newText: text };
}
