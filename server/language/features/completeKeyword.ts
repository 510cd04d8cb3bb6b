import { instructionNames } from '../instructions/names.ts';
import type { InstructionName, InstructionNode, Span } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { completeAgain, type Proposal } from './proposal.ts';
import { type Snippet, snippets } from './snippets.ts';
import { completionKind } from './types.ts';

const notInOnbuild = new Set(['ONBUILD', 'FROM', 'MAINTAINER']);

/** Instructions behind which there is something to choose from at once. */
const choosing: ReadonlySet<InstructionName> = new Set([
  'ADD',
  'COPY',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'WORKDIR',
]);

/** Instructions and snippets; behind ONBUILD only what may stand there. */
export function completeKeyword(
  request: CompletionRequest,
  onbuild: InstructionNode | undefined,
): Proposal[] {
  const span = keywordSpan(request);
  const isLower = prefersLowerCase(request);
  const names = instructionNames.filter(name => !onbuild || !notInOnbuild.has(name));
  const instructions = names.map((name): Proposal => {
    const label = isLower ? name.toLowerCase() : name;
    return {
      label,
      kind: completionKind.keyword,
      sortText: sortText(request, name),
      ...(choosing.has(name) && { command: completeAgain }),
      data: { kind: 'instruction', name },
      text: `${label} `,
      span,
    };
  });
  const allowed = snippets.filter(({ text }) => !onbuild || !notInOnbuild.has(firstWord(text)));
  return [...instructions, ...allowed.map(snippet => toProposal(snippet, { span, isLower }))];
}

/** FROM first where a file has none, what nobody should write any more last. */
function sortText({ result }: CompletionRequest, name: InstructionName): string {
  if (name === 'MAINTAINER') return `9${name}`;
  return name === 'FROM' && result.file.stages.length === 0 ? `0${name}` : `1${name}`;
}

function toProposal(
  { label, detail, text }: Snippet,
  { span, isLower }: { readonly span: Span; readonly isLower: boolean },
): Proposal {
  const keyword = firstWord(text);
  return {
    label,
    kind: completionKind.snippet,
    detail,
    sortText: `2${label}`,
    insertTextFormat: 2,
    data: { kind: 'snippet', name: label },
    text: isLower && !text.includes('\n') ? keyword.toLowerCase() + text.slice(keyword.length) : text,
    span,
  };
}

/**
 * What a keyword replaces: the word at the cursor, over all lines that it goes on; nothing before another word, which
 * is there to stay.
 */
function keywordSpan(request: CompletionRequest): Span {
  const { cursor } = request;
  const { element, offset, word } = cursor;
  const keyword = element?.kind === 'instruction' ? element.keyword : undefined;
  const isInside = keyword && keyword.start < word.start && offset <= keyword.end;
  if (keyword && (isInside || keywordGoesOn(request, keyword))) {
    return { start: keyword.start, end: Math.max(keyword.end, word.end) };
  }
  return cursor.before === '' ? { start: offset, end: offset } : word;
}

/** True behind a keyword that only continuations have followed: it goes on at the cursor. */
export function keywordGoesOn({ cursor, result }: CompletionRequest, keyword: Span): boolean {
  const { text, escapeToken } = result.file.tree;
  if (keyword.start === keyword.end || cursor.offset <= keyword.end) return false;
  if (cursor.offset - keyword.end > longestGap) return false;
  const between = text.slice(keyword.end, cursor.offset);
  const line = between.slice(between.lastIndexOf('\n') + 1);
  return (
    between.startsWith(escapeToken) && between.replaceAll(escapeToken, '').trim() === '' && !/\s/.test(line)
  );
}

const longestGap = 200;

function firstWord(text: string): string {
  return /^\S*/.exec(text)?.[0] ?? '';
}

function prefersLowerCase({ cursor, result }: CompletionRequest): boolean {
  if (cursor.before !== '') return cursor.before === cursor.before.toLowerCase() && hasLowerCase(result);
  return hasLowerCase(result);
}

function hasLowerCase({ file }: CompletionRequest['result']): boolean {
  const first = file.stages[0]?.from.node.keyword.text;
  return first !== undefined && first === first.toLowerCase();
}
