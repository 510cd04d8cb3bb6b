import { findLine, lineSpan } from '../syntax/position.ts';
import type { Heredoc, InstructionNode } from '../syntax/tree.ts';
import { completeShell } from './completeCommand.ts';
import type { CompletionRequest } from './completion.ts';
import type { Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

/** In the body of a heredoc: the word that ends it while it has no end, and in a script what the shell has. */
export function completeHeredoc(request: CompletionRequest, node: InstructionNode): Proposal[] {
  const { cursor, result } = request;
  const { tree } = result.file;
  const heredoc = node.heredocs.find(
    ({ body, terminator }) => cursor.offset <= (terminator?.end ?? body.end),
  );
  if (!heredoc) return [];
  const line = lineSpan(tree, findLine(tree, cursor.offset));
  const before = tree.text.slice(line.start, cursor.word.start);
  return [...completeTerminator(request, heredoc, before), ...completeScript(request, node, before)];
}

function completeTerminator({ cursor }: CompletionRequest, heredoc: Heredoc, before: string): Proposal[] {
  const isLineStart = heredoc.chomp ? /^\t*$/.test(before) : before === '';
  if (!isLineStart || heredoc.terminator) return [];
  return [
    {
      label: heredoc.name,
      kind: completionKind.keyword,
      detail: 'ends the heredoc',
      sortText: '0',
      text: heredoc.name,
      span: cursor.word,
    },
  ];
}

/** The heredoc of a RUN without a command of its own is run by the shell, unless it begins with `#!` of another. */
function completeScript(request: CompletionRequest, node: InstructionNode, before: string): Proposal[] {
  const { cursor, context } = request;
  const [first] = node.heredocs;
  const script = node.trigger ?? node;
  if (!first || script.name !== 'RUN' || !script.rest.text.startsWith('<<') || context.trigger === ' ')
    return [];
  const interpreter = /^#![ \t]*(\S+)(?:[ \t]+(\S+))?/.exec(first.content);
  if (interpreter && !/\b(?:ba|da|a|k|z)?sh$/.test(interpreter[2] ?? interpreter[1] ?? '')) return [];
  return completeShell(request, { before, span: cursor.word });
}
