import { predefinedArguments } from '../evaluation/globalArguments.ts';
import type { InstructionNode } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { visibleVariables } from './environment.ts';
import type { Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

const started = /\$(\{?)([\p{L}\p{Nd}_]*)$/u;

/** Variables behind `$` and `${`; undefined when the cursor is not there. */
export function completeVariable(
  { cursor, result }: CompletionRequest,
  node: InstructionNode,
): Proposal[] | undefined {
  const match = started.exec(cursor.before);
  if (!match) return undefined;
  const name = match[2] ?? '';
  const { text } = result.file.tree;
  const isClosed = /^[\p{L}\p{Nd}_]*\}/u.test(text.slice(cursor.offset, cursor.word.end));
  const close = match[1] === '{' && !isClosed ? '}' : '';
  const span = { start: cursor.offset - name.length, end: cursor.offset };
  const variables = [...visibleVariables(result, node).values()];
  const known = new Set(variables.map(variable => variable.name));
  const predefined = predefinedArguments.filter(one => !known.has(one));
  return [
    ...variables.map(
      (variable): Proposal => ({
        label: variable.name,
        kind: completionKind.variable,
        detail: describe(variable),
        sortText: `${variable.definition ? 1 : 2}${variable.name}`,
        text: variable.name + close,
        span,
      }),
    ),
    ...(node.name === 'FROM' ? [] : predefined).map(
      (one): Proposal => ({
        label: one,
        kind: completionKind.constant,
        detail: 'build argument of every build',
        sortText: `3${one}`,
        text: one + close,
        span,
      }),
    ),
  ];
}

function describe({ origin, value }: { origin: string; value: string | undefined }): string {
  const where = origin === 'image' ? 'set by the base image or the build' : origin;
  return value === undefined ? where : `${where} = ${value}`;
}
