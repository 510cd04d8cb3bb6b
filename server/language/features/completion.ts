import type { CheckResult } from '../lint/check.ts';
import type { Position } from '../syntax/position.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import { completeArguments } from './completeArguments.ts';
import { completeDirective } from './completeDirective.ts';
import { completeFlags } from './completeFlags.ts';
import { completeHeredoc } from './completeHeredoc.ts';
import { completeKeyword, keywordGoesOn } from './completeKeyword.ts';
import { completeVariable } from './completeVariable.ts';
import { type Cursor, cursorAt, innermost, isInHeredoc } from './cursor.ts';
import { type Proposal, toItem } from './proposal.ts';
import type { FeatureSources } from './sources.ts';
import type { CompletionItem, CompletionList } from './types.ts';

export { resolveCompletion } from './resolveCompletion.ts';

/** How completion came to be asked for. */
export interface CompletionContext {
  /** The character that was typed; undefined when the user asked. */
  readonly trigger?: string | undefined;
}

/** Where completion is asked for. */
export interface CompletionRequest {
  readonly result: CheckResult;
  readonly cursor: Cursor;
  readonly sources: FeatureSources;
  readonly context: CompletionContext;
  /** Called when something that would be offered is not known yet. */
  readonly onPending: () => void;
}

/**
 * What can be written at a position. `isIncomplete` when a source was still looking: asked again, there is more.
 * Documentation comes with {@link resolveCompletion}.
 */
export function completion(
  result: CheckResult,
  position: Position,
  options: { readonly sources?: FeatureSources; readonly context?: CompletionContext } = {},
): CompletionList {
  const { tree } = result.file;
  const { sources = {}, context = {} } = options;
  let isIncomplete = false;
  const onPending = (): void => {
    isIncomplete = true;
  };
  const request = { result, cursor: cursorAt(tree, position), sources, context, onPending };
  const items = propose(request).map((proposal): CompletionItem => toItem(tree, proposal));
  return { isIncomplete, items };
}

function propose(request: CompletionRequest): Proposal[] {
  const { element, offset } = request.cursor;
  if (element?.kind === 'comment' || element?.kind === 'directive') {
    return offset <= element.start ? completeKeyword(request, undefined) : completeDirective(request);
  }
  if (element?.kind !== 'instruction') return completeKeyword(request, undefined);
  if (element.innerComments.some(({ start, end }) => start < offset && offset <= end)) return [];
  const variables = completeVariable(request, element);
  if (variables) return variables;
  if (isInHeredoc(element, offset)) return completeHeredoc(request, element);
  return proposeIn(request, innermost(element, offset), element);
}

function proposeIn(request: CompletionRequest, node: InstructionNode, outer: InstructionNode): Proposal[] {
  const { offset, word } = request.cursor;
  const parent = node === outer ? undefined : outer;
  if (offset <= node.keyword.end || node.keyword.text === '') return completeKeyword(request, parent);
  if (keywordGoesOn(request, node.keyword)) return completeKeyword(request, parent);
  if (node.name === 'ONBUILD' && !node.trigger) return completeKeyword(request, node);
  const firstArgument = node.args[0]?.start ?? Number.POSITIVE_INFINITY;
  const isFlag = request.result.file.tree.text[word.start] === '-' && word.start <= firstArgument;
  if (isFlag) return completeFlags(request, node);
  const mayBeFlag = word.start === word.end && offset <= firstArgument;
  return [...completeArguments(request, node), ...(mayBeFlag ? completeFlags(request, node) : [])];
}
