import type { CheckResult } from '../lint/check.ts';
import type { Position } from '../syntax/position.ts';
import { toRange } from '../syntax/position.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import { completeArguments } from './completeArguments.ts';
import { completeDirective } from './completeDirective.ts';
import { completeFlags } from './completeFlags.ts';
import { completeKeyword } from './completeKeyword.ts';
import { completeVariable } from './completeVariable.ts';
import { type Cursor, cursorAt, innermost, isInHeredoc } from './cursor.ts';
import type { CompletionItem } from './types.ts';

/** What completion knows beside the file. */
export interface CompletionSources {
  /** Familiar references of the images that are here, offered after FROM and --from. */
  readonly images?: readonly string[];
}

/** A proposal before it is tied to the file: `text` replaces `span`. */
export type Proposal = Omit<CompletionItem, 'textEdit'> & { readonly text: string; readonly span: Span };

/** Where completion is asked for. */
export interface CompletionRequest {
  readonly result: CheckResult;
  readonly cursor: Cursor;
  readonly sources: CompletionSources;
}

/** What can be written at a position. */
export function completion(
  result: CheckResult,
  position: Position,
  sources: CompletionSources = {},
): CompletionItem[] {
  const { tree } = result.file;
  const request = { result, cursor: cursorAt(tree, position), sources };
  return propose(request).map(({ text, span, ...item }) => ({
    ...item,
    textEdit: { range: toRange(tree, span), newText: text },
  }));
}

function propose(request: CompletionRequest): Proposal[] {
  const { element, offset } = request.cursor;
  if (element?.kind === 'comment' || element?.kind === 'directive') return completeDirective(request);
  if (element?.kind !== 'instruction') return completeKeyword(request, undefined);
  if (element.innerComments.some(({ start, end }) => start < offset && offset <= end)) return [];
  const variables = completeVariable(request, element);
  if (variables) return variables;
  if (isInHeredoc(element, offset)) return [];
  return proposeIn(request, innermost(element, offset), element);
}

function proposeIn(request: CompletionRequest, node: InstructionNode, outer: InstructionNode): Proposal[] {
  const { offset, word } = request.cursor;
  const parent = node === outer ? undefined : outer;
  if (offset <= node.keyword.end || node.keyword.text === '') return completeKeyword(request, parent);
  if (node.name === 'ONBUILD' && !node.trigger) return completeKeyword(request, node);
  const firstArgument = node.args[0]?.start ?? Number.POSITIVE_INFINITY;
  const isFlag = request.result.file.tree.text[word.start] === '-' && word.start <= firstArgument;
  if (isFlag) return completeFlags(request, node);
  const mayBeFlag = word.start === word.end && offset <= firstArgument;
  return [...completeArguments(request, node), ...(mayBeFlag ? completeFlags(request, node) : [])];
}
