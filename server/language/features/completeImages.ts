import { familiarName, readReference } from '../../common/reference.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { ArgumentPlace } from './completeArguments.ts';
import { proposeStages } from './completeStages.ts';
import type { CompletionRequest } from './completion.ts';
import { wellKnownImages } from './knowledge/images.ts';
import { choices, type Proposal } from './proposal.ts';
import { completionKind } from './types.ts';

/** The image of FROM, then AS. */
export function completeFrom(
  request: CompletionRequest,
  node: InstructionNode,
  { span, index }: ArgumentPlace,
): Proposal[] {
  const isLower = node.keyword.text === node.keyword.text.toLowerCase();
  if (index === 1) {
    const text = isLower ? 'as' : 'AS';
    return [{ label: text, kind: completionKind.keyword, text: `${text} `, span }];
  }
  if (index > 1) return [];
  const sources = proposeSources(request, span);
  if (sources.isTag) return sources.proposals;
  const scratch: Proposal = {
    label: 'scratch',
    kind: completionKind.module,
    detail: 'the empty image',
    sortText: '3scratch',
    text: 'scratch',
    span,
  };
  return [...sources.proposals, scratch, ...proposeWellKnown(sources.proposals, span)];
}

/**
 * Stages and images: what FROM, `--from` and mounts can name; behind a repository and `:` or `@` its tags or
 * digests. Only COPY takes the number of a stage.
 */
export function proposeSources(
  request: CompletionRequest,
  span: Span,
  by: 'name' | 'name-or-number' = 'name',
): { readonly proposals: Proposal[]; readonly isTag: boolean } {
  const written = request.result.file.tree.text.slice(span.start, request.cursor.offset);
  const suffix = /^(.+)([:@])([\w.:+-]*)$/.exec(written);
  const repository = suffix && /[^:/]$/.test(suffix[1] ?? '') ? repositoryOf(suffix[1] ?? '') : undefined;
  if (repository !== undefined && suffix) {
    const start = request.cursor.offset - (suffix[3]?.length ?? 0);
    const place = { start, end: span.end };
    return {
      isTag: true,
      proposals: proposeSuffixes(request, { repository, place, isDigest: suffix[2] === '@' }),
    };
  }
  const images = localNames(request).map(
    ({ name, detail }): Proposal => ({
      label: name,
      kind: completionKind.module,
      detail,
      sortText: `2${name}`,
      text: name,
      span,
    }),
  );
  return { isTag: false, proposals: [...proposeStages(request, span, by), ...images] };
}

function localNames({ sources }: CompletionRequest): { name: string; detail: string }[] {
  return (sources.images?.() ?? []).flatMap(({ names, platform }) =>
    names.map(name => ({ name, detail: `image in the store, ${platform}` })),
  );
}

/** `name` as a familiar repository name; undefined for what is none, such as `host:5000`. */
function repositoryOf(name: string): string | undefined {
  const { reference } = readReference(name.replace(/@.*$/, ''));
  return reference && familiarName(reference);
}

/** Tags or digests that are here, then the tags that the registry has, newest versions first. */
function proposeSuffixes(
  request: CompletionRequest,
  { repository, place, isDigest }: { repository: string; place: Span; isDigest: boolean },
): Proposal[] {
  const images = request.sources.images?.() ?? [];
  if (isDigest) {
    const digests = images.flatMap(image => suffixesOf(image.digests, repository, '@'));
    return choices(withDetail(digests, 'in the store'), place);
  }
  const local = images.flatMap(image => suffixesOf(image.names, repository, ':'));
  const listed = request.sources.tags?.(repository);
  if (listed === 'pending') request.onPending();
  const known = new Set(local);
  const remote = typeof listed === 'object' ? listed.filter(tag => !known.has(tag)) : [];
  const words = [
    ...withDetail(local, 'in the store'),
    ...withDetail([...remote].sort(byVersion), 'in the registry'),
  ];
  return choices(words, place);
}

function withDetail(words: readonly string[], detail: string): [string, string][] {
  return words.map(word => [word, detail]);
}

function suffixesOf(names: readonly string[], repository: string, separator: ':' | '@'): string[] {
  const start = `${repository}${separator}`;
  return names.filter(name => name.startsWith(start)).map(name => name.slice(start.length));
}

const numbers = new Intl.Collator('en', { numeric: true });

/** `latest` first, then versions from high to low, short tags before those that say more. */
function byVersion(left: string, right: string): number {
  if (left === 'latest' || right === 'latest') return left === 'latest' ? -1 : 1;
  const [first, second] = [versionOf(left), versionOf(right)];
  if ((first === '') !== (second === '')) return first === '' ? 1 : -1;
  return numbers.compare(second, first) || left.length - right.length || numbers.compare(left, right);
}

function versionOf(tag: string): string {
  return /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1] ?? '';
}

/** Usual base images that are not offered already. */
function proposeWellKnown(offered: readonly Proposal[], span: Span): Proposal[] {
  const names = new Set(offered.map(({ label }) => label.replace(/[:@].*$/, '')));
  return Object.entries(wellKnownImages)
    .filter(([name]) => !names.has(name))
    .map(
      ([name, about]): Proposal => ({
        label: name,
        kind: completionKind.module,
        detail: about,
        sortText: `4${name}`,
        text: name,
        span,
      }),
    );
}
