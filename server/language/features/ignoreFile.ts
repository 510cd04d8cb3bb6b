import { type ContextListing, type Coverage, coverage } from '../ignore/coverage.ts';
import { type IgnoreRule, parseIgnoreFile } from '../ignore/matcher.ts';
import { findLineStarts } from '../syntax/line.ts';
import { lineSpan, type Position, type Range, toOffset, toRange } from '../syntax/position.ts';
import { inlineCode, markdown } from './describe.ts';
import { completeAgain, toItem } from './proposal.ts';
import type { FolderEntry, Known } from './sources.ts';
import { type CompletionList, completionKind, type Diagnostic, type Hover, severity } from './types.ts';

/** An ignore file as the editor has it. */
export class IgnoreFile {
  readonly text: string;
  readonly lineStarts: readonly number[];
  readonly rules: readonly IgnoreRule[];

  constructor(text: string) {
    this.text = text;
    this.lineStarts = findLineStarts(text);
    this.rules = parseIgnoreFile(text);
  }

  /** The pattern's own characters on its line. */
  rangeOf({ line }: IgnoreRule): Range {
    const span = lineSpan(this, line);
    const content = this.text.slice(span.start, span.end);
    const start = span.start + (/^\uFEFF?\s*/.exec(content)?.[0].length ?? 0);
    return toRange(this, { start, end: span.start + content.trimEnd().length });
  }
}

/** Knows what each pattern matches in one listing; the same pattern is looked for once. */
export class CoverageCache {
  readonly listing: ContextListing;
  readonly #known = new Map<string, Coverage>();

  constructor(listing: ContextListing) {
    this.listing = listing;
  }

  of(rule: IgnoreRule): Coverage {
    let found = this.#known.get(rule.pattern);
    if (!found) {
      found = coverage(rule, this.listing);
      this.#known.set(rule.pattern, found);
    }
    return found;
  }
}

/** Files and folders that continue the pattern at a position, whether they are ignored or not. */
export function completeIgnoreFile(
  file: IgnoreFile,
  position: Position,
  folder: (path: string) => Known<readonly FolderEntry[]>,
): CompletionList {
  const offset = toOffset(file, position);
  const line = lineSpan(file, position.line);
  const before = file.text.slice(line.start, offset);
  const written = /^\uFEFF?\s*(?:!\s*)?\/?([^\s#].*)?$/.exec(before);
  if (before.startsWith('#') || !written) return { isIncomplete: false, items: [] };
  const path = written[1] ?? '';
  const slash = path.lastIndexOf('/');
  const parent = path.slice(0, Math.max(slash, 0));
  const entries = /[*?[]/.test(parent) ? undefined : folder(parent);
  if (typeof entries !== 'object') return { isIncomplete: entries === 'pending', items: [] };
  const span = { start: offset - (path.length - slash - 1), end: offset };
  const items = entries.map(({ name, isFolder }) =>
    toItem(
      { text: file.text, lineStarts: file.lineStarts },
      {
        label: isFolder ? `${name}/` : name,
        kind: isFolder ? completionKind.folder : completionKind.file,
        sortText: `${name.startsWith('.') ? 2 : 1}${name}`,
        ...(isFolder && { command: completeAgain }),
        text: isFolder ? `${name}/` : name,
        span,
      },
    ),
  );
  const anywhere = {
    label: '**/',
    kind: completionKind.keyword,
    detail: 'in any folder',
    sortText: '0',
    text: '**/',
    span,
  };
  return { isIncomplete: false, items: path === '' ? [toItem(file, anywhere), ...items] : items };
}

/** What the pattern at a position matches in the context. */
export function hoverIgnoreFile(
  file: IgnoreFile,
  position: Position,
  known: CoverageCache | undefined,
): Hover | undefined {
  const rule = file.rules.find(({ line }) => line === position.line);
  if (!rule) return undefined;
  const text = rule.problem ?? describe(rule, known);
  return { range: file.rangeOf(rule), contents: markdown(text) };
}

function describe(rule: IgnoreRule, known: CoverageCache | undefined): string {
  const does = rule.isException ? 'Brings back' : 'Leaves out';
  const what = inlineCode(rule.pattern);
  if (!known) return `${does} what matches ${what}.`;
  const { files, folders, examples } = known.of(rule);
  const atLeast = known.listing.isCut ? 'at least ' : '';
  if (examples.length === 0) {
    return `${what} matches nothing ${known.listing.isCut ? 'in what was looked at of' : 'in'} the build context.`;
  }
  const counts = [count(files, 'file'), ...(folders > 0 ? [count(folders, 'folder')] : [])].join(' and ');
  const more = examples.map(example => `- ${inlineCode(example)}`).join('\n');
  return `${does} ${atLeast}${counts}:\n\n${more}${files + folders > examples.length ? '\n- …' : ''}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** Patterns that are not well-formed, and in a context that is known those that match nothing. */
export function diagnoseIgnoreFile(file: IgnoreFile, known: CoverageCache | undefined): Diagnostic[] {
  return file.rules.flatMap((rule): Diagnostic[] => {
    const range = file.rangeOf(rule);
    if (rule.problem !== undefined) {
      return [
        { range, severity: severity.error, code: 'invalid-pattern', source: 'sampan', message: rule.problem },
      ];
    }
    if (!known || known.listing.isCut || known.of(rule).examples.length > 0) return [];
    const message = `"${rule.pattern}" matches nothing in the build context.`;
    return [{ range, severity: severity.hint, code: 'matches-nothing', source: 'sampan', message }];
  });
}
