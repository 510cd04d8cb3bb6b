import { readReference } from '../../common/reference.ts';
import type { CheckResult } from '../lint/check.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { stageOf } from './environment.ts';
import { commonUsers, imageUsers } from './knowledge/users.ts';
import { choices, type Proposal } from './proposal.ts';
import { resolveStage } from './stages.ts';

/**
 * Users for USER and `--chown`: those that the stage makes with useradd or adduser, those that other instructions name,
 * those of the base image, and those that every image has. Behind a colon groups.
 */
export function completeUsers(request: CompletionRequest, node: InstructionNode, span: Span): Proposal[] {
  const written = request.result.file.tree.text.slice(span.start, request.cursor.offset);
  const colon = written.indexOf(':');
  if (colon < 0) return choices(userWords(request, node), span);
  const groups = new Map(
    [...madeNames(request.result, node, groupCommand)].map(name => [name, 'made in this file']),
  );
  for (const [name, about] of userWords(request, node))
    if (!name.includes(':') && !groups.has(name)) groups.set(name, about);
  return choices([...groups], { start: span.start + colon + 1, end: span.end });
}

const userCommand = /\b(?:useradd|adduser)\b([^;&|\n]*)/g;
const groupCommand = /\b(?:groupadd|addgroup)\b([^;&|\n]*)/g;

function userWords(request: CompletionRequest, node: InstructionNode): [string, string][] {
  const words = new Map<string, string>();
  const add = (name: string, about: string): void => {
    if (name !== '' && !name.includes('$') && !words.has(name)) words.set(name, about);
  };
  for (const name of madeNames(request.result, node, userCommand)) add(name, 'made in this file');
  for (const name of namedUsers(request.result, node)) add(name, 'used in this file');
  const image = baseImage(request.result, node);
  const local = request.sources
    .images?.()
    .find(({ names }) => image !== undefined && names.includes(image))?.user;
  if (local) add(local, 'of the base image');
  const repository = image && readReference(image).reference?.path.split('/').at(-1);
  const known = repository && Object.hasOwn(imageUsers, repository) ? imageUsers[repository] : undefined;
  for (const name of known ?? []) add(name, 'of the base image');
  for (const [name, about] of commonUsers) add(name, about);
  return [...words];
}

/** Names that RUN instructions make: the last word of the command that is no option. */
function madeNames({ file }: CheckResult, node: InstructionNode, command: RegExp): Set<string> {
  const names = new Set<string>();
  for (const { nodes } of file.stages) {
    for (const one of nodes) {
      if (one.name !== 'RUN' || one.start >= node.start) continue;
      const script = [one.rest.text, ...one.heredocs.map(({ content }) => content)].join('\n');
      for (const [, words = ''] of script.matchAll(command)) {
        const name = words
          .trim()
          .split(/\s+/)
          .findLast(word => /^[a-z_][\w-]*\$?$/i.test(word));
        if (name !== undefined) names.add(name);
      }
    }
  }
  return names;
}

function namedUsers({ file }: CheckResult, node: InstructionNode): string[] {
  return file.stages.flatMap(({ instructions }) =>
    instructions.flatMap(one =>
      one.kind === 'USER' && one.node.start !== node.start ? [one.user.text] : [],
    ),
  );
}

function baseImage(result: CheckResult, node: InstructionNode): string | undefined {
  const facts = stageOf(result, node);
  return facts && resolveStage(facts);
}
