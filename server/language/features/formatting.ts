import type { CheckResult } from '../lint/check.ts';
import { findContinuation } from '../syntax/line.ts';
import { findLine, lineSpan, type Range, toOffset, toRange } from '../syntax/position.ts';
import type { Element, InstructionNode, Span, Tree } from '../syntax/tree.ts';
import type { TextEdit } from './types.ts';

/**
 * Edits that tidy a file, or the lines of `range`, and change nothing that a build sees: no blanks before an
 * instruction and at the ends of lines, one between keyword, flags and arguments, a line end at the end of the file
 * and no blank lines before it. Continued lines between two words are indented when they are not, comments between them as
 * what they stand above; within a command indentation is part of its text and stays, as do bodies of heredocs.
 */
export function formatting(
  { file }: CheckResult,
  range?: Range,
  options: FormattingOptions = { tabSize: 4, insertSpaces: true },
): TextEdit[] {
  const indentation = indentationOf(options);
  const { tree } = file;
  const changes: (Span & { readonly text: string })[] = [];
  const change = (start: number, end: number, text: string): void => {
    if (tree.text.slice(start, end) !== text) changes.push({ start, end, text });
  };
  for (const element of tree.elements) {
    if (element.kind === 'instruction') tidyInstruction(tree, element, { change, indentation });
    else tidyLine(tree, element, change);
  }
  if (mayEnd(tree, range, options)) tidyEnd(tree, changes);
  return changes
    .filter(({ start }) => !range || isWithin(findLine(tree, start), range))
    .map(({ text, ...span }) => ({ range: toRange(tree, span), newText: text }));
}

/** As the protocol has it. */
export interface FormattingOptions {
  readonly tabSize: number;
  readonly insertSpaces: boolean;
  /** False keeps a file without a line end at its end. */
  readonly insertFinalNewline?: boolean;
  /** False keeps blank lines at the end. */
  readonly trimFinalNewlines?: boolean;
}

/** The end of the file is tidied with all of it, unless that is not wished. */
function mayEnd({ text, lineStarts }: Tree, range: Range | undefined, options: FormattingOptions): boolean {
  if (options.insertFinalNewline === false || options.trimFinalNewlines === false) return false;
  if (!range) return true;
  const { start, end } = range;
  return start.line === 0 && toOffset({ text, lineStarts }, end) === text.length;
}

/** One step of indentation. */
export function indentationOf({ tabSize, insertSpaces }: FormattingOptions): string {
  return insertSpaces ? ' '.repeat(tabSize) : '\t';
}

type Change = (start: number, end: number, text: string) => void;

/** Blanks around a comment or directive; all of a blank line. */
function tidyLine(tree: Tree, element: Exclude<Element, InstructionNode>, change: Change): void {
  const span = contentOf(tree, element.line);
  // The value of a directive may be a blank, wrong as that is.
  const kept = element.kind === 'directive' ? element.value.end : span.start;
  let { start, end } = span;
  while (start < end && isBlank(tree.text[start])) start++;
  change(span.start, start, '');
  while (end > Math.max(start, kept) && isBlank(tree.text[end - 1])) end--;
  change(end, span.end, '');
}

function tidyInstruction(
  tree: Tree,
  node: InstructionNode,
  { change, indentation }: { readonly change: Change; readonly indentation: string },
): void {
  const first = contentOf(tree, node.line);
  // Behind a line with nothing but a continuation the keyword is on a later line, and a byte order mark that comes
  // to stand first is skipped.
  const isMovable = node.start <= first.end && tree.text[node.start] !== '\uFEFF';
  if (isMovable) change(first.start, node.start, '');
  tidySeparators(tree, node, change);
  const lastLine = node.heredocs[0] ? findLine(tree, node.heredocs[0].body.start) - 1 : node.endLine;
  // A quote that is not closed makes the blanks at the end part of a flag.
  const flagsEnd = lastFlagEnd(node);
  const keep: Change = (start, end, text) => {
    if (start >= flagsEnd) change(start, end, text);
  };
  const words = wordsOf(node);
  for (let line = node.line; line <= lastLine; line++) {
    tidyLineEnd(tree, line, keep);
    const { start, end } = contentOf(tree, line);
    if (line > node.line && start < end && isBetween(tree, start, words)) change(start, start, indentation);
  }
  for (const comment of node.innerComments) {
    const line = findLine(tree, comment.start);
    if (comment.start > contentOf(tree, line).start) continue;
    const blanks = indentationBelow(tree, node, { line, words, indentation });
    change(comment.start, comment.start, blanks);
  }
}

/** What the first line below a comment that is no comment itself is indented by, once it is formatted. */
function indentationBelow(
  tree: Tree,
  node: InstructionNode,
  at: { readonly line: number; readonly words: readonly Span[]; readonly indentation: string },
): string {
  for (let line = at.line + 1; line <= node.endLine; line++) {
    const { start, end } = contentOf(tree, line);
    const content = tree.text.slice(start, end);
    if (content.trim() === '' || /^\s*#/.test(content)) continue;
    return isBetween(tree, start, at.words) ? at.indentation : (/^[ \t]*/.exec(content)?.[0] ?? '');
  }
  return '';
}

/** True when a line begins right at a word, or between two; never in the text of a command or in a comment. */
function isBetween({ text }: Tree, start: number, words: readonly Span[]): boolean {
  if (/[\s#]/.test(text[start] ?? '#') || words.length === 0) return false;
  return !words.some(word => word.start < start && start < word.end);
}

/** Keyword, flags and arguments; nothing for an instruction that is not known. */
function wordsOf(node: InstructionNode): Span[] {
  if (!node.name) return [];
  if (!node.trigger) return [node.keyword, ...node.flags, ...node.args];
  const inner = wordsOf(node.trigger);
  return inner.length === 0 ? [] : [node.keyword, ...node.flags, ...inner];
}

function lastFlagEnd(node: InstructionNode): number {
  const own = node.flags.at(-1)?.end ?? node.start;
  return node.trigger ? Math.max(own, lastFlagEnd(node.trigger)) : own;
}

function tidySeparators(tree: Tree, node: InstructionNode, change: Change): void {
  const parts: Span[] = [node.keyword, ...node.flags];
  if (node.rest.end > node.rest.start) parts.push(node.rest);
  for (const [index, { end }] of parts.entries()) {
    const next = parts[index + 1];
    if (next && /^[ \t]+$/.test(tree.text.slice(end, next.start))) change(end, next.start, ' ');
  }
  if (node.trigger) tidySeparators(tree, node.trigger, change);
}

function tidyLineEnd(tree: Tree, line: number, change: Change): void {
  const { start, end } = contentOf(tree, line);
  const continuation = findContinuation(tree.text, { start, end }, tree.escapeToken);
  let last = continuation >= 0 ? continuation + 1 : end;
  if (continuation < 0) while (last > start && isBlank(tree.text[last - 1])) last--;
  // An escape character that comes to stand at the end would continue the line.
  const wouldContinue = continuation < 0 && tree.text[last - 1] === tree.escapeToken;
  if (!wouldContinue) change(last, end, '');
}

function tidyEnd(tree: Tree, changes: (Span & { readonly text: string })[]): void {
  const last = tree.elements.findLast(({ kind }) => kind !== 'blank');
  if (!last) return;
  const { end } = lineSpan(tree, last.endLine);
  const rest = tree.text.slice(end);
  // The body of a heredoc that is not closed, and a last line that goes on, are not ours to end.
  if (last.kind === 'instruction' && last.heredocs.some(({ terminator }) => !terminator)) return;
  if (last.kind === 'instruction' && last.endLine === tree.lineStarts.length - 1 && goesOn(tree, last))
    return;
  const lineEnd = rest.startsWith('\r\n') || (rest === '' && tree.text.includes('\r\n')) ? '\r\n' : '\n';
  if (rest === lineEnd) return;
  const kept = changes.filter(({ start }) => start < end || (start === end && tree.text[start] !== '\n'));
  changes.splice(0, changes.length, ...kept.filter(one => one.end <= end));
  changes.push({ start: end, end: tree.text.length, text: lineEnd });
}

function goesOn(tree: Tree, node: InstructionNode): boolean {
  return findContinuation(tree.text, contentOf(tree, node.endLine), tree.escapeToken) >= 0;
}

/** A line without its line end and without a byte order mark. */
function contentOf(tree: Tree, line: number): Span {
  const { start, end } = lineSpan(tree, line);
  return { start: line === 0 && tree.text.startsWith('\uFEFF') ? 1 : start, end };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r';
}

function isWithin(line: number, { start, end }: Range): boolean {
  return line >= start.line && (line < end.line || (line === end.line && end.character > 0));
}
