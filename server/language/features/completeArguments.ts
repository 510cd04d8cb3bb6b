import { signalNames } from '../instructions/signals.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import { proposeSources } from './completeStages.ts';
import type { CompletionRequest, Proposal } from './completion.ts';
import { completionKind } from './types.ts';

const shells = [
  '["/bin/bash", "-o", "pipefail", "-c"]',
  '["/bin/sh", "-ec"]',
  '["/bin/ash", "-eo", "pipefail", "-c"]',
];

/** What the arguments of an instruction can be, where that is a matter of the language. */
export function completeArguments(request: CompletionRequest, node: InstructionNode): Proposal[] {
  const { word } = request.cursor;
  const span = { start: word.start, end: word.end };
  const index = node.args.filter(argument => argument.start < word.start).length;
  switch (node.name) {
    case 'FROM':
      return completeFrom(request, node, { span, index });
    case 'STOPSIGNAL':
      return index === 0 ? values(signalNames, span) : [];
    case 'HEALTHCHECK':
      return index === 0 ? keywords(['CMD', 'NONE'], span) : [];
    case 'SHELL':
      return index === 0 ? values(shells, { start: word.start, end: Math.max(word.end, node.rest.end) }) : [];
    case 'EXPOSE':
      return completeProtocol(request);
    case 'WORKDIR':
      return index === 0 ? values(workdirs(request, node), span) : [];
    case 'COPY':
    case 'ADD':
      return index > 0 ? values(workdirs(request, node).map(asFolder), span) : [];
    case 'USER':
      return index === 0 ? values(users(request, node), span) : [];
    default:
      return [];
  }
}

function completeFrom(
  request: CompletionRequest,
  node: InstructionNode,
  { span, index }: { span: Span; index: number },
): Proposal[] {
  if (index === 1)
    return keywords([node.keyword.text === node.keyword.text.toLowerCase() ? 'as' : 'AS'], span);
  if (index > 1) return [];
  const scratch: Proposal = {
    label: 'scratch',
    kind: completionKind.module,
    detail: 'the empty image',
    sortText: '3scratch',
    text: 'scratch',
    span,
  };
  return [...proposeSources(request, span), scratch];
}

function completeProtocol({ cursor }: CompletionRequest): Proposal[] {
  const slash = /^[\d-]+\/(\w*)$/.exec(cursor.before);
  if (!slash) return [];
  const span = { start: cursor.offset - (slash[1]?.length ?? 0), end: cursor.word.end };
  return values(['tcp', 'udp', 'sctp'], span);
}

function workdirs({ result }: CompletionRequest, node: InstructionNode): string[] {
  return earlier(result.file.stages, node, (one, paths) => {
    if (one.kind === 'WORKDIR') paths.add(one.path.text);
  });
}

function asFolder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function users({ result }: CompletionRequest, node: InstructionNode): string[] {
  return earlier(result.file.stages, node, (one, names) => {
    if (one.kind === 'USER') names.add(one.user.text);
  });
}

type Stages = CompletionRequest['result']['file']['stages'];

function earlier(
  stages: Stages,
  node: InstructionNode,
  collect: (instruction: Stages[number]['instructions'][number], into: Set<string>) => void,
): string[] {
  const found = new Set<string>();
  for (const { instructions } of stages) {
    for (const instruction of instructions) {
      if (instruction.node.start !== node.start) collect(instruction, found);
    }
  }
  return [...found];
}

function keywords(words: readonly string[], span: Span): Proposal[] {
  return words.map((word): Proposal => {
    return { label: word, kind: completionKind.keyword, text: word === 'NONE' ? word : `${word} `, span };
  });
}

function values(words: readonly string[], span: Span): Proposal[] {
  return words.map((word): Proposal => ({ label: word, kind: completionKind.value, text: word, span }));
}
