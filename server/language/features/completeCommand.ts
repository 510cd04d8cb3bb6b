// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the editor's snippets
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { ArgumentPlace } from './completeArguments.ts';
import type { CompletionRequest } from './completion.ts';
import { commandLines, shellBuiltins } from './knowledge/shellCommands.ts';
import { choices, type Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

/** Where a command begins: behind the operators and reserved words of the shell, and at the start. */
const commandStart = /(?:^|[;&|({!]|\b(?:then|do|else|elif|if|while|until))\s*$/;

/** In RUN, CMD and ENTRYPOINT: the exec form, and at the beginning of a command what the shell has. */
export function completeCommand(
  request: CompletionRequest,
  node: InstructionNode,
  { span, index }: ArgumentPlace,
): Proposal[] {
  const { result, cursor, context } = request;
  const start = node.name === 'HEALTHCHECK' ? (node.args[0]?.end ?? node.rest.start) : node.rest.start;
  const before = result.file.tree.text.slice(Math.min(start, span.start), span.start);
  if (before.trimStart().startsWith('[') || (context.trigger === ' ' && before.trim() !== '')) return [];
  const isFirst = index === 0 && before.trim() === '' && cursor.before === '';
  const exec = isFirst && node.name !== 'RUN' ? [execForm(span)] : [];
  const words = completeShell(request, { before: withoutContinuations(before), span });
  // The usual command lines make an image; a container runs none of them.
  return [
    ...exec,
    ...(node.name === 'RUN' ? words : words.filter(({ kind }) => kind !== completionKind.snippet)),
  ];
}

/** Builtins and usual command lines where a command of a script begins. */
export function completeShell(
  { cursor }: CompletionRequest,
  { before, span }: { readonly before: string; readonly span: Span },
): Proposal[] {
  if (!commandStart.test(before) || /[^\w-]/.test(cursor.before)) return [];
  const builtins = choices(shellBuiltins, span, completionKind.function);
  const lines = Object.entries(commandLines).map(([text, detail]): Proposal => {
    const label = text.replace(/\$\{\d:([^}]*)\}/g, '$1');
    return {
      label,
      kind: completionKind.snippet,
      detail,
      sortText: `1${label}`,
      insertTextFormat: 2,
      text,
      span,
    };
  });
  return [...lines, ...builtins.map(one => ({ ...one, sortText: `2${one.sortText}` }))];
}

function withoutContinuations(text: string): string {
  return text.replace(/[\\`][ \t]*\r?\n/g, ' ').replace(/^\s*#.*$/gm, '');
}

/** A command that no shell runs, typed as a whole. */
function execForm(span: Span): Proposal {
  return {
    label: '["program"]',
    kind: completionKind.snippet,
    detail: 'without a shell, so that it gets the signals',
    sortText: '0',
    insertTextFormat: 2,
    text: '["${1:program}"$2]',
    span,
  };
}
