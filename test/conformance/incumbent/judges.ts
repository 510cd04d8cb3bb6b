import { completion, resolveCompletion } from '../../../server/language/features/completion.ts';
import { documentLinks } from '../../../server/language/features/documentLinks.ts';
import { documentSymbols } from '../../../server/language/features/documentSymbols.ts';
import { foldingRanges } from '../../../server/language/features/folding.ts';
import { type FormattingOptions, formatting } from '../../../server/language/features/formatting.ts';
import { hover } from '../../../server/language/features/hover.ts';
import {
  definition,
  highlights,
  prepareRename,
  rename,
} from '../../../server/language/features/navigation.ts';
import { formatOnType } from '../../../server/language/features/onType.ts';
import { signatureHelp } from '../../../server/language/features/signatureHelp.ts';
import type { CompletionItem, DocumentSymbol, TextEdit } from '../../../server/language/features/types.ts';
import { type CheckResult, check } from '../../../server/language/lint/check.ts';
import type { Position, Range } from '../../../server/language/syntax/position.ts';
import { applyEdits, textOf } from '../../language/marked.ts';
import { differs, hasLoneReturn, place, type Recorded, type Verdict, worse } from './record.ts';

/** Judges our answer to what the incumbent was asked. Where it has none there is nothing to judge. */
export type Judge = (record: Recorded) => Verdict;

interface TheirItem {
  readonly label: string;
  readonly textEdit: TextEdit;
}

/** The judge of each recorded method. */
export const judges: { readonly [method: string]: Judge } = {
  computeCompletionItems: withText(0, judgeCompletion),
  resolveCompletionItem: judgeResolve,
  computeHover: withText(0, judgeHover),
  computeSignatureHelp: withText(0, judgeSignature),
  computeDefinition: withText(1, judgeDefinition),
  computeHighlightRanges: withText(0, judgeHighlights),
  prepareRename: withText(0, judgePrepareRename),
  computeRename: withText(1, judgeRename),
  computeFoldingRanges: withText(0, judgeFolding),
  computeSymbols: withText(1, judgeSymbols),
  computeLinks: withText(0, judgeLinks),
  formatOnType: withText(0, judgeOnType),
  formatRange: withText(0, judgeFormatRange),
};

type TextJudge = (result: CheckResult, record: Recorded) => Verdict;

function withText(index: number, judge: TextJudge): Judge {
  return record => {
    const text = record.args[index] as string;
    const position = record.args[index + 1] as Position | undefined;
    const verdict = judge(check(text), record);
    if (verdict === 'same' || !('worse' in verdict)) return verdict;
    if (hasLoneReturn(text)) return differs('line-ends');
    return position && isBeyond(text, position) ? differs('no-such-place') : verdict;
  };
}

function isBeyond(text: string, position: Position): boolean {
  const line = text.split('\n')[position.line];
  return typeof position.line === 'number' && (line === undefined || position.character > line.length);
}

function judgeCompletion(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const ours = completion(result, args[1] as Position).items;
  for (const item of (theirs ?? []) as TheirItem[]) {
    const stem = stemOf(item);
    const same = ours.filter(one => stemOf(one) === stem || one.label === item.label);
    if (same.length === 0) return worse(`${stem} is missing`);
    const there = place(item.textEdit.range);
    if (!same.some(one => place(one.textEdit.range) === there)) {
      return worse(`${stem} replaces ${same.map(one => place(one.textEdit.range))}, not ${there}`);
    }
  }
  return 'same';
}

/** What an item writes, up to its first argument. */
function stemOf({ label, textEdit }: Pick<TheirItem, 'label' | 'textEdit'>): string {
  const word = /^[^\s=]+/.exec(textEdit.newText)?.[0] ?? label;
  return word
    .replace(/^\$\{(\w+)\}$/, '$1')
    .replace(/^\$/, '')
    .replace(/\}$/, '')
    .toLowerCase();
}

function judgeResolve({ args, result }: Recorded): Verdict {
  const [item] = args as [TheirItem];
  const { documentation } = (result ?? {}) as { documentation?: unknown };
  if (!documentation) return 'same';
  const stem = stemOf(item);
  const asked = askFor(stem);
  const found = asked.filter(one => stemOf(one) === stem && resolveCompletion(one).documentation);
  return found.length > 0 ? 'same' : worse(`${stem} has no documentation`);
}

/** Everything that can be offered with this beginning, wherever. */
function askFor(stem: string): CompletionItem[] {
  const texts = [
    '|',
    'FROM a\n|',
    '# |',
    'FROM |',
    'FROM a\nCOPY --|',
    'FROM a\nADD --|',
    'FROM a\nHEALTHCHECK |',
  ];
  return texts.flatMap(written => {
    const before = written.slice(0, written.indexOf('|')).split('\n');
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    return completion(check(written.replace('|', '')), position).items.filter(one => stemOf(one) === stem);
  });
}

function judgeHover(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  if (theirs === null) return 'same';
  const { contents, range } = theirs as { contents: string | { value: string }; range: Range | null };
  const ours = hover(result, args[1] as Position);
  if (!ours) return worse(`nothing at ${JSON.stringify(args[1])}`);
  const text = typeof contents === 'string' ? contents : contents.value;
  // Values of variables are short; documentation is in our own words.
  const isValue = !text.includes('\n') && !text.includes(' ') && text !== '';
  const about = textOf(args[0] as string, ours.range);
  if (isValue && !ours.contents.value.includes(text.replace(/^`|`$/g, ''))) {
    return worse(`of ${about} ${JSON.stringify(ours.contents.value)} does not tell ${JSON.stringify(text)}`);
  }
  if (!range || place(range) === place(ours.range)) return 'same';
  return covers(range, ours.range) || covers(ours.range, range)
    ? differs('better-range')
    : worse(`${place(ours.range)}, not ${place(range)}`);
}

interface TheirSignatures {
  readonly signatures: readonly {
    readonly label: string;
    readonly parameters: readonly { readonly label: string }[];
  }[];
  readonly activeSignature: number;
  readonly activeParameter: number | null;
}

function judgeSignature(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  if (theirs === null) return 'same';
  const help = signatureHelp(result, args[1] as Position);
  const { signatures, activeSignature, activeParameter } = theirs as TheirSignatures;
  const wanted = signatures[activeSignature ?? 0];
  if (!help) return worse(`no signature for ${wanted?.label}`);
  const own = help.signatures[help.activeSignature];
  if (!own || !wanted) return 'same';
  if (/\[ ?"/.test(wanted.label) !== own.label.includes('["'))
    return worse(`${own.label}, not ${wanted.label}`);
  const parameter = activeParameter === null ? undefined : wanted.parameters[activeParameter]?.label;
  const [start, end] = own.parameters[own.activeParameter]?.label ?? [0, 0];
  const current = own.label.slice(start, end);
  return roleOf(parameter ?? '') === roleOf(current) || parameter === undefined
    ? 'same'
    : worse(`${current} of ${own.label}, not ${parameter} of ${wanted.label}`);
}

const roles: readonly (readonly [RegExp, string])[] = [
  [/^\[?--?|flags\]/, 'flags'],
  [/^dest|"dest/, 'destination'],
];

function roleOf(label: string): string {
  return roles.find(([pattern]) => pattern.test(label))?.[1] ?? 'argument';
}

function judgeDefinition(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  if (theirs === null) return 'same';
  const { range } = theirs as { range: Range };
  const ours = definition(result, args[2] as Position);
  if (!ours) return worse(`none, not ${place(range)}`);
  return place(ours) === place(range) ? 'same' : worse(`${place(ours)}, not ${place(range)}`);
}

function judgeHighlights(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const wanted = ((theirs ?? []) as { range: Range; kind: number }[]).map(
    one => `${place(one.range)}/${one.kind}`,
  );
  const ours = highlights(result, args[1] as Position).map(one => `${place(one.range)}/${one.kind}`);
  return judgePlaces(ours, wanted);
}

function judgePlaces(ours: readonly string[], wanted: readonly string[]): Verdict {
  const missing = wanted.filter(one => !ours.includes(one));
  if (missing.length > 0) return worse(`${ours.join(' ')} lacks ${missing.join(' ')}`);
  return ours.length > wanted.length && wanted.length > 0 ? differs('more-places') : 'same';
}

function judgePrepareRename(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  if (theirs === null) return 'same';
  const ours = prepareRename(result, args[1] as Position);
  if (!ours) return worse(`cannot be renamed: ${place(theirs as Range)}`);
  const wanted = place(theirs as Range);
  return place(ours.range) === wanted ? 'same' : worse(`${place(ours.range)}, not ${wanted}`);
}

function judgeRename(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const edits = (theirs ?? []) as TextEdit[];
  if (edits.length === 0) return 'same';
  const ours = rename(result, args[2] as Position, args[3] as string);
  if (ours.problem !== undefined) return worse(ours.problem);
  return judgePlaces(
    ours.edits.map(({ range }) => place(range)),
    edits.map(({ range }) => place(range)),
  );
}

interface TheirFold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind?: string;
}

function judgeFolding(result: CheckResult, { capabilities, result: theirs }: Recorded): Verdict {
  const { foldingRange } = (capabilities ?? {}) as { foldingRange?: { rangeLimit?: number } };
  const ours = foldingRanges(result, { limit: foldingRange?.rangeLimit }).map(show);
  const missing = ((theirs ?? []) as TheirFold[]).map(show).filter(one => !ours.includes(one));
  if (ours.length > (foldingRange?.rangeLimit ?? Number.POSITIVE_INFINITY))
    return worse('more than the limit');
  return missing.length === 0 ? 'same' : worse(`${ours.join(' ')} lacks ${missing.join(' ')}`);
}

function show({ startLine, endLine, kind }: TheirFold): string {
  return `${startLine}-${endLine}${kind === 'comment' ? ' comment' : ''}`;
}

function judgeSymbols(result: CheckResult, { result: theirs }: Recorded): Verdict {
  const flat = (symbols: readonly DocumentSymbol[]): DocumentSymbol[] =>
    symbols.flatMap(symbol => [symbol, ...flat(symbol.children ?? [])]);
  const ours = flat(documentSymbols(result)).map(({ selectionRange }) => place(selectionRange));
  const wanted = ((theirs ?? []) as { location: { range: Range } }[]).map(({ location }) =>
    place(location.range),
  );
  return judgePlaces(ours, wanted);
}

function judgeLinks(result: CheckResult, { result: theirs }: Recorded): Verdict {
  const ours = documentLinks(result).map(({ range, target }) => `${place(range)} ${target}`);
  const wanted = ((theirs ?? []) as { range: Range; target?: string; data?: string }[]).map(
    ({ range, target, data }) => `${place(range)} ${target ?? `https://hub.docker.com/${data}`}`,
  );
  return judgePlaces(ours, wanted);
}

function judgeOnType(_result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const [text, position, character, options] = args as [string, Position, string, FormattingOptions];
  // The recorded texts are those before the character; an editor asks when it is there.
  const lines = text.split('\n');
  const line = lines[position.line] ?? '';
  lines[position.line] = line.slice(0, position.character) + character + line.slice(position.character);
  const at = { ...position, character: position.character + 1 };
  const ours = applyEdits(text, formatOnType(check(lines.join('\n')), { position: at, character, options }));
  return judgeText(ours, applyEdits(text, (theirs ?? []) as TextEdit[]));
}

function judgeFormatRange(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const [text, range, options] = args as [string, Range, FormattingOptions];
  const ours = applyEdits(text, formatting(result, range, options));
  return judgeText(ours, applyEdits(text, (theirs ?? []) as TextEdit[]));
}

function judgeText(ours: string, wanted: string): Verdict {
  return ours === wanted ? 'same' : worse(`${JSON.stringify(ours)}, not ${JSON.stringify(wanted)}`);
}

function covers(outer: Range, inner: Range): boolean {
  const isBefore = (left: Position, right: Position): boolean =>
    left.line < right.line || (left.line === right.line && left.character <= right.character);
  return isBefore(outer.start, inner.start) && isBefore(inner.end, outer.end);
}
