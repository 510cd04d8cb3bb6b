import type { instructionDocumentation } from '../instructions/documentation.ts';
import { instructionNames } from '../instructions/names.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import type { CompletionRequest, Proposal } from './completion.ts';
import { describeInstruction, markdown } from './describe.ts';
import { type Snippet, snippets } from './snippets.ts';
import { completionKind, type MarkupContent } from './types.ts';

const notInOnbuild = new Set(['ONBUILD', 'FROM', 'MAINTAINER']);

/** Instructions and snippets; behind ONBUILD only what may stand there. */
export function completeKeyword(
  request: CompletionRequest,
  onbuild: InstructionNode | undefined,
): Proposal[] {
  const { word } = request.cursor;
  const isLower = prefersLowerCase(request);
  const names = instructionNames.filter(name => !onbuild || !notInOnbuild.has(name));
  const instructions = names.map((name): Proposal => {
    const label = isLower ? name.toLowerCase() : name;
    return {
      label,
      kind: completionKind.keyword,
      documentation: documentationOf(name),
      sortText: name === 'MAINTAINER' ? `9${name}` : `1${name}`,
      text: `${label} `,
      span: word,
    };
  });
  if (onbuild) return instructions;
  return [...instructions, ...snippets.map(snippet => toProposal(snippet, request))];
}

function documentationOf(name: keyof typeof instructionDocumentation): MarkupContent {
  return markdown(describeInstruction(name));
}

function toProposal(snippet: Snippet, { cursor }: CompletionRequest): Proposal {
  return {
    label: snippet.label,
    kind: completionKind.snippet,
    detail: snippet.detail,
    sortText: `2${snippet.label}`,
    insertTextFormat: 2,
    text: snippet.text,
    span: cursor.word,
  };
}

function prefersLowerCase({ cursor, result }: CompletionRequest): boolean {
  if (cursor.before !== '') return cursor.before === cursor.before.toLowerCase() && hasLowerCase(result);
  return hasLowerCase(result);
}

function hasLowerCase({ file }: CompletionRequest['result']): boolean {
  const first = file.stages[0]?.from.node.keyword.text;
  return first !== undefined && first === first.toLowerCase();
}
