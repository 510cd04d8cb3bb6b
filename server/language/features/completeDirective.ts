import { hadolintRules } from '../hadolint/rules.ts';
import { directiveDocumentation } from '../instructions/documentation.ts';
import { rules } from '../lint/rules.ts';
import type { Element } from '../syntax/tree.ts';
import type { CompletionRequest } from './completion.ts';
import { completeAgain, type Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

const values: { readonly [directive: string]: readonly string[] } = {
  syntax: ['docker/dockerfile:1', 'docker/dockerfile:1-labs'],
  escape: ['`', '\\'],
  check: ['skip=', 'error=true', 'experimental=all'],
};

/** Parser directives at the top of the file; in any comment names of rules behind `check=skip=` and `hadolint ignore=`. */
export function completeDirective(request: CompletionRequest): Proposal[] {
  const { cursor, result } = request;
  const { text, elements } = result.file.tree;
  const { element, offset } = cursor;
  if (!element || offset <= element.start) return [];
  const written = text.slice(element.start, offset);
  const names = /check\s*=(?:.*;)?\s*(?:skip|experimental)=(?:[^;]*,)?([^,;]*)$/i.exec(written);
  if (names) return [...completeRules(offset, names[1] ?? '', rules), everyCheck(offset, names[1] ?? '')];
  const ignored = /^#\s*hadolint\s+(?:(?:global|stage)\s+)?ignore\s*=(?:.*,)?\s*(\w*)$/.exec(written);
  if (ignored) return completeRules(offset, ignored[1] ?? '', hadolintNames);
  const index = elements.indexOf(element);
  // One that is being written is a comment still.
  const isDirective = ({ kind, start, end }: Element): boolean =>
    kind === 'directive' || (kind === 'comment' && /^#\s*\w+\s*=/.test(text.slice(start, end)));
  if (!elements.slice(0, index).every(isDirective)) return [];
  const value = /^#\s*(\w+)\s*=(?:.*;)?(\S*)$/.exec(written);
  if (value) return completeValue(offset, value[1]?.toLowerCase() ?? '', value[2] ?? '');
  const name = /^#\s*(\w*)$/.exec(written)?.[1];
  return name === undefined ? [] : completeName(offset, name);
}

const hadolintNames = hadolintRules.map(({ id, summary }) => ({ name: id, summary }));

function everyCheck(offset: number, written: string): Proposal {
  const span = { start: offset - written.length, end: offset };
  return { label: 'all', kind: completionKind.value, detail: 'every check', text: 'all', span };
}

function completeRules(
  offset: number,
  written: string,
  named: readonly { readonly name: string; readonly summary: string }[],
): Proposal[] {
  const span = { start: offset - written.length, end: offset };
  return named.map(
    (rule): Proposal => ({
      label: rule.name,
      kind: completionKind.enumMember,
      detail: rule.summary,
      data: { kind: 'rule', name: rule.name },
      text: rule.name,
      span,
    }),
  );
}

function completeValue(offset: number, directive: string, written: string): Proposal[] {
  const span = { start: offset - written.length, end: offset };
  const proposed = Object.hasOwn(values, directive) ? values[directive] : undefined;
  return (proposed ?? []).map(text => ({ label: text, kind: completionKind.value, text, span }));
}

function completeName(offset: number, written: string): Proposal[] {
  const span = { start: offset - written.length, end: offset };
  return Object.keys(directiveDocumentation).map(
    (name): Proposal => ({
      label: name,
      kind: completionKind.property,
      command: completeAgain,
      data: { kind: 'directive', name },
      text: `${name}=`,
      span,
    }),
  );
}
