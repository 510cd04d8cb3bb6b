import type { Dockerfile } from '../instructions/types.ts';
import type { CheckResult } from '../lint/check.ts';
import { forEachChild, type SyntaxNode } from '../shell/grammar.ts';
import type { ShellScript } from '../shell/script.ts';
import { shellScripts } from '../shell/scripts.ts';
import { type Position, type Range, toOffset, toRange } from '../syntax/position.ts';
import type { InstructionNode, Span, Word } from '../syntax/tree.ts';
import { elementAt } from './cursor.ts';

/** A range and the next larger one around it (LSP 3.17 SelectionRange). */
export interface SelectionRange {
  readonly range: Range;
  readonly parent?: SelectionRange;
}

/**
 * For each position the ranges to grow a selection by: a piece of a word, the word, in the shell its command, the list
 * and the structures around it, then the arguments, the instruction, the stage and the file.
 */
export function selectionRanges(result: CheckResult, positions: readonly Position[]): SelectionRange[] {
  const { file } = result;
  return positions.map(position => {
    const offset = toOffset(file.tree, position);
    const spans = growing(spansAt(file, offset), offset);
    return spans.reduceRight<SelectionRange | undefined>(
      (parent, span) => ({ range: toRange(file.tree, span), ...(parent && { parent }) }),
      undefined,
    ) as SelectionRange;
  });
}

/** Those around the offset, each within the next. There is always the one of the whole file. */
function growing(spans: readonly Span[], offset: number): Span[] {
  const around = spans.filter(({ start, end }) => start <= offset && offset <= end);
  around.sort((left, right) => left.end - left.start - (right.end - right.start));
  const chosen: Span[] = [];
  for (const span of around) {
    const last = chosen.at(-1);
    if (!last || isLarger(span, last)) chosen.push(span);
  }
  return chosen;
}

function isLarger(span: Span, inner: Span): boolean {
  const isWithin = span.start <= inner.start && inner.end <= span.end;
  return isWithin && span.end - span.start > inner.end - inner.start;
}

function spansAt(file: Dockerfile, offset: number): Span[] {
  const { tree } = file;
  const spans: Span[] = [{ start: 0, end: tree.text.length }];
  for (const { nodes } of file.stages) {
    const [first, last] = [nodes[0], nodes.at(-1)];
    if (first && last) spans.push({ start: first.start, end: last.end });
  }
  const element = elementAt(tree, offset);
  if (!element) return spans;
  spans.push(element);
  if (element.kind === 'directive') spans.push(element.name, element.value);
  if (element.kind === 'instruction') addInstruction(spans, element);
  for (const script of shellScripts(file)) {
    if (script.node.start >= element.start && script.node.start < element.end)
      addScript(spans, script, offset);
  }
  return spans;
}

function addInstruction(spans: Span[], node: InstructionNode): void {
  spans.push(node.keyword, node.rest, ...node.args, ...node.innerComments);
  for (const flag of node.flags) {
    spans.push(flag, flag.name);
    if (flag.value) spans.push(flag.value, ...fields(flag.value, flag.value.start));
  }
  for (const word of node.args) {
    if (node.json) spans.push({ start: word.start + 1, end: word.end - 1 });
    else spans.push(...pair(word));
  }
  for (const { marker, body, terminator } of node.heredocs) {
    spans.push(marker, body);
    if (terminator) spans.push(terminator, { start: body.start, end: terminator.end });
  }
  if (node.trigger) {
    spans.push(node.trigger);
    addInstruction(spans, node.trigger);
  }
}

/** `key=value` of ENV, ARG and LABEL. A word with a continuation in it has no pieces. */
function pair({ text, start, end }: Pick<Word, 'text' | 'start' | 'end'>): Span[] {
  const equals = text.indexOf('=');
  if (equals < 0 || end - start !== text.length) return [];
  return [
    { start, end: start + equals },
    { start: start + equals + 1, end },
  ];
}

/** The fields of `type=cache,target=/x`, and the keys and values of these. */
function fields({ text, start, end }: Word, at: number): Span[] {
  if (end - start !== text.length) return [];
  let from = at;
  return text.split(',').flatMap(field => {
    const word = { text: field, start: from, end: from + field.length };
    from = word.end + 1;
    return [{ start: word.start, end: word.end }, ...pair(word)];
  });
}

function addScript(spans: Span[], script: ShellScript, offset: number): void {
  const at = script.locate(offset);
  if (at === undefined || script.interpreter.dialect === undefined) return;
  addShellNode(spans, { script, at, node: script.tree });
}

/** Adds a node, all around the place within it, and the lists that it ends. */
function addShellNode(
  spans: Span[],
  place: { readonly script: ShellScript; readonly at: number; readonly node: SyntaxNode },
): void {
  const { script, at, node } = place;
  const { pos, end } = node;
  if (pos <= at && at <= end) {
    spans.push(script.span({ pos, end }));
    if (node.type === 'DoubleQuoted' || node.type === 'SingleQuoted') {
      spans.push(script.span({ pos: pos + 1, end: Math.max(end - 1, pos + 1) }));
    }
  }
  // Within escaped backquotes offsets are those of another text.
  if (node.type === 'Script' && node.source !== undefined) return;
  forEachChild(node, child => addShellNode(spans, { script, at, node: child }));
}
