import { automaticArguments } from '../evaluation/globalArguments.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import { completeCommand } from './completeCommand.ts';
import { completeFrom } from './completeImages.ts';
import { completeContextPath } from './completePaths.ts';
import { knownFolders } from './completeStages.ts';
import { completeUsers } from './completeUsers.ts';
import type { CompletionRequest } from './completion.ts';
import { labelKeys } from './knowledge/labels.ts';
import { commonPorts } from './knowledge/ports.ts';
import { signals } from './knowledge/signals.ts';
import { choices, type Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

const shells = {
  '["/bin/sh", "-c"]': 'the default on Linux',
  '["/bin/sh", "-ec"]': 'ends at the first failure',
  '["/bin/bash", "-c"]': 'bash',
  '["/bin/bash", "-o", "pipefail", "-c"]': 'a failure in a pipe counts',
  '["/bin/bash", "-euxo", "pipefail", "-c"]': 'strict, and shows commands',
  '["/bin/ash", "-eo", "pipefail", "-c"]': 'of BusyBox, as in Alpine',
  '["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]': 'Windows',
  '["cmd", "/S", "/C"]': 'the default on Windows',
};

const protocols = { tcp: 'the default', udp: 'datagrams', sctp: 'streams of messages' };
const folders = ['/app', '/src', '/usr/src/app', '/workspace', '/opt'];

/** Which argument the cursor is in, and what a proposal replaces. */
export interface ArgumentPlace {
  readonly span: Span;
  readonly index: number;
}

/** What the arguments of an instruction can be. */
export function completeArguments(request: CompletionRequest, node: InstructionNode): Proposal[] {
  const { word } = request.cursor;
  const span = { start: word.start, end: word.end };
  const index = node.args.filter(argument => argument.start < word.start).length;
  const place = { span, index };
  switch (node.name) {
    case 'FROM':
      return completeFrom(request, node, place);
    case 'STOPSIGNAL':
      return index === 0 ? choices(signals, span) : [];
    case 'HEALTHCHECK':
      return completeHealthcheck(request, node, place);
    case 'SHELL':
      return index === 0
        ? choices(shells, { start: word.start, end: Math.max(word.end, node.rest.end) })
        : [];
    case 'EXPOSE':
      return completePort(request, place);
    case 'WORKDIR':
    case 'VOLUME':
      return index === 0 || node.name === 'VOLUME' ? completeFolder(request, node, span) : [];
    case 'COPY':
    case 'ADD':
      return completeTransfer(request, node, place);
    case 'USER':
      return index === 0 ? completeUsers(request, node, span) : [];
    case 'LABEL':
      return completeLabel(request, node, span);
    case 'ARG':
      return completeArgument(request, node, span);
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
      return completeCommand(request, node, place);
    default:
      return [];
  }
}

function completeHealthcheck(
  request: CompletionRequest,
  node: InstructionNode,
  { span, index }: ArgumentPlace,
): Proposal[] {
  if (index > 0) return completeCommand(request, node, { span, index: index - 1 });
  const data = { kind: 'instruction', name: 'HEALTHCHECK' } as const;
  const word = (label: string, detail: string): Proposal => ({
    label,
    kind: completionKind.keyword,
    detail,
    sortText: `0${label}`,
    data,
    text: label === 'CMD' ? 'CMD ' : label,
    span,
  });
  return [word('CMD', 'the check'), word('NONE', 'no check')];
}

function completePort({ cursor }: CompletionRequest, { span }: ArgumentPlace): Proposal[] {
  const slash = /^[\d$\w{}-]+\/(\w*)$/.exec(cursor.before);
  if (!slash) return choices(commonPorts, span);
  const start = cursor.offset - (slash[1]?.length ?? 0);
  return choices(protocols, { start, end: cursor.word.end });
}

function completeFolder(request: CompletionRequest, node: InstructionNode, span: Span): Proposal[] {
  const known = knownFolders(request.result, node);
  const usual = node.name === 'WORKDIR' ? folders.filter(one => !known.includes(one)) : [];
  return choices([...known, ...usual], span, completionKind.folder);
}

function completeTransfer(
  request: CompletionRequest,
  node: InstructionNode,
  place: ArgumentPlace,
): Proposal[] {
  const paths = completeContextPath(request, node);
  if (place.index === 0) return paths;
  const known = knownFolders(request.result, node).map(one => (one.endsWith('/') ? one : `${one}/`));
  const proposed = new Set(paths.map(({ label }) => label));
  const targets = choices(known, place.span, completionKind.folder).filter(
    ({ label }) => !proposed.has(label),
  );
  return [...targets, ...paths];
}

function completeLabel({ cursor }: CompletionRequest, node: InstructionNode, span: Span): Proposal[] {
  if (cursor.before.includes('=')) return [];
  const written = node.args.filter(({ start }) => start !== span.start).map(({ text }) => text);
  const isThere = (key: string): boolean => written.some(text => text.startsWith(`${key}=`));
  const hasValue = /^[^\s=]*=/.test(node.args.find(({ start }) => start === span.start)?.text ?? '');
  const end = hasValue ? cursor.offset : span.end;
  return choices(labelKeys, { ...span, end }, completionKind.property)
    .filter(({ label }) => !isThere(label))
    .map(proposal =>
      hasValue ? proposal : { ...proposal, insertTextFormat: 2, text: `${proposal.text}="$1"` },
    );
}

/** Arguments from before the first FROM that a stage can take over, and those that a build sets by itself. */
function completeArgument(
  { result, cursor }: CompletionRequest,
  node: InstructionNode,
  span: Span,
): Proposal[] {
  if (cursor.before.includes('=')) return [];
  const first = result.file.stages[0]?.from.node.start ?? Number.POSITIVE_INFINITY;
  if (node.start < first) return [];
  const global = result.file.globalArgs.flatMap(({ declarations }) => declarations);
  const words = new Map(
    global.map(({ key, value }) => [key.text, `global argument${value ? ` = ${value.text}` : ''}`]),
  );
  for (const name of automaticArguments('linux/amd64', '').keys()) {
    if (!words.has(name)) words.set(name, 'set by every build');
  }
  return choices([...words], span, completionKind.variable);
}
