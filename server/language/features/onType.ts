import type { CheckResult } from '../lint/check.ts';
import { findContinuation } from '../syntax/line.ts';
import { lineSpan, type Position, toRange } from '../syntax/position.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { elementAt } from './cursor.ts';
import { type FormattingOptions, indentationOf } from './formatting.ts';
import type { TextEdit } from './types.ts';

/** The characters that {@link formatOnType} has something to do for. */
export const onTypeTriggers = ['\n', '\\', '`'] as const;

/**
 * Edits behind a character that was typed. Behind a line that goes on, the next is indented: as the one before when that
 * is continued too, else by one step. Nothing else is moved, and nothing in quotes and heredocs.
 */
export function formatOnType(
  { file }: CheckResult,
  typed: { readonly position: Position; readonly character: string; readonly options: FormattingOptions },
): TextEdit[] {
  const { tree } = file;
  const { character, position, options } = typed;
  const next = character === '\n' ? position.line : position.line + 1;
  if (character !== '\n' && character !== tree.escapeToken) return [];
  if (next < 1 || next >= tree.lineStarts.length) return [];
  const before = lineSpan(tree, next - 1);
  if (findContinuation(tree.text, before, tree.escapeToken) < 0) return [];
  const node = elementAt(tree, before.end);
  if (node?.kind !== 'instruction' || isInBody(node, before.end) || isQuoted(tree, node, before.end))
    return [];
  const line = lineSpan(tree, next);
  const content = tree.text.slice(line.start, line.end);
  if (character !== '\n' && (content.trim() === '' || content.startsWith('#'))) return [];
  if (/^[ \t]/.test(content)) return [];
  const indentation =
    indentationOfContinued(tree, node, { before, line: next - 1 }) ?? indentationOf(options);
  const place = { start: line.start, end: line.start };
  return indentation === '' ? [] : [{ range: toRange(tree, place), newText: indentation }];
}

/** The blanks of the line before, when that one is continued itself and no comment. */
function indentationOfContinued(
  { text }: Tree,
  node: InstructionNode,
  { before, line }: { readonly before: Span; readonly line: number },
): string | undefined {
  if (line <= node.line) return undefined;
  const content = text.slice(before.start, before.end);
  return /^\s*#/.test(content) ? undefined : /^[ \t]*/.exec(content)?.[0];
}

function isInBody(node: InstructionNode, offset: number): boolean {
  const body = node.heredocs[0]?.body;
  return body !== undefined && offset >= body.start;
}

/** True when a quote that begins in the instruction is open at the offset. */
function isQuoted({ text, escapeToken }: Tree, node: InstructionNode, end: number): boolean {
  let quote = '';
  for (let at = node.keyword.end; at < end; at++) {
    const character = text[at] as string;
    if (character === escapeToken && quote !== "'") at++;
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  return quote !== '';
}
