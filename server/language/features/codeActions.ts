import type { Inspection, LintFinding } from '../lint/inspect.ts';
import type { TextChange } from '../lint/rule.ts';
import { silencingChanges } from '../lint/silencing.ts';
import { spanOf } from '../syntax/place.ts';
import { type Range, toOffset, toRange } from '../syntax/position.ts';
import type { Problem, Span, Tree } from '../syntax/tree.ts';
import { diagnostics } from './diagnostics.ts';
import { refactorings } from './refactorings/refactorings.ts';
import type { CodeAction, Diagnostic, TextEdit } from './types.ts';

/**
 * What can be done about the problems and findings that touch a range, and how it can be written otherwise. `only` names
 * the kinds that are wanted; all fixes of the file at once are given to those who name `source.fixAll` or a kind above it.
 */
export function codeActions(inspection: Inspection, range: Range, only?: readonly string[]): CodeAction[] {
  const isWanted = (kind: CodeAction['kind']): boolean =>
    only?.some(one => kind === one || kind.startsWith(`${one}.`)) ?? kind !== 'source.fixAll';
  const all = isWanted('source.fixAll') ? fixAll(inspection) : undefined;
  return [
    ...(isWanted('quickfix') ? quickFixes(inspection, range) : []),
    ...refactorings(inspection.check, range).filter(({ kind }) => isWanted(kind)),
    ...(all ? [all] : []),
  ];
}

function quickFixes(inspection: Inspection, range: Range): CodeAction[] {
  const { problems, file } = inspection.check;
  const { tree } = file;
  const span = { start: toOffset(tree, range.start), end: toOffset(tree, range.end) };
  const touched = (one: Span): boolean => one.start <= span.end && one.end >= span.start;
  const findings = inspection.findings.filter(touched).map(finding => ({
    finding,
    about: diagnostics({ ...inspection, check: { ...inspection.check, problems: [] }, findings: [finding] }),
  }));
  return [
    ...problems.filter(touched).flatMap(problem => {
      const check = { ...inspection.check, problems: [problem] };
      return correct(tree, problem, diagnostics({ ...inspection, check, findings: [] }));
    }),
    ...findings.flatMap(({ finding, about }) => repair(tree, finding, about)),
    ...findings.flatMap(({ finding, about }) => silence(tree, finding, about)),
  ];
}

/**
 * All fixes of the file as one action: those of one fix may ask for another, so that the result is checked again.
 * Undefined when there is nothing to fix. Takes some checks of the whole file.
 */
function fixAll(inspection: Inspection): CodeAction | undefined {
  const { tree } = inspection.check.file;
  let text = tree.text;
  let next = inspection;
  for (let round = 0; round < maximumRounds; round++) {
    const fixed = applyFixes(text, next);
    if (fixed === text) break;
    text = fixed;
    next = inspection.inspectText(text);
  }
  if (text === tree.text) return undefined;
  const title = 'Fix all that can be fixed in this Dockerfile';
  return { title, kind: 'source.fixAll', edits: [toEdit(tree, difference(tree.text, text))] };
}

const maximumRounds = 5;

function applyFixes(text: string, { findings }: Inspection): string {
  const changes: TextChange[] = [];
  for (const { fix } of findings) {
    if (fix && !fix.isGuess && !fix.changes.some(one => changes.some(other => overlaps(one, other)))) {
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
  const edits = [toEdit(tree, { ...spanOf(problem), text: problem.suggestion })];
  const title = `Change to ${problem.suggestion}`;
  return [{ title, kind: 'quickfix', isPreferred: true, diagnostics: about, edits }];
}

function repair(tree: Tree, { fix }: LintFinding, about: readonly Diagnostic[]): CodeAction[] {
  if (!fix) return [];
  const { title, ignoreLines } = fix;
  const edits = fix.changes.map(change => toEdit(tree, change));
  const action = { title, kind: 'quickfix', isPreferred: true, diagnostics: about, edits } as const;
  return [{ ...action, ...(ignoreLines && { ignoreLines }) }];
}

function silence(tree: Tree, finding: LintFinding, about: readonly Diagnostic[]): CodeAction[] {
  return silencingChanges(tree, finding).map(({ title, change }) => ({
    title,
    kind: 'quickfix',
    diagnostics: about,
    edits: [toEdit(tree, change)],
  }));
}

function overlaps(left: Span, right: Span): boolean {
  return left.start < right.end && right.start < left.end;
}

function toEdit(tree: Tree, { start, end, text }: TextChange): TextEdit {
  return { range: toRange(tree, { start, end }), newText: text };
}
