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
  references,
  rename,
} from '../../../server/language/features/navigation.ts';
import { formatOnType } from '../../../server/language/features/onType.ts';
import { signatureHelp } from '../../../server/language/features/signatureHelp.ts';
import type { CompletionItem, DocumentSymbol, TextEdit } from '../../../server/language/features/types.ts';
import { type CheckResult, check } from '../../../server/language/lint/check.ts';
import type { Position, Range } from '../../../server/language/syntax/position.ts';
import { applyEdits, textOf } from '../../language/marked.ts';
import {
  type DifferenceClass,
  differs,
  hasLoneReturn,
  place,
  type Recorded,
  type Verdict,
  worse,
} from './record.ts';

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
    if (same.length === 0) {
      if (isRefused(result, { label: stem, position: args[1] as Position })) return differs('refused');
      return worse(`${stem} is missing`);
    }
    const there = place(item.textEdit.range);
    if (!same.some(one => place(one.textEdit.range) === there)) {
      // The dollar and the brace stay as they are.
      if (item.label.startsWith('$') && same.some(one => covers(item.textEdit.range, one.textEdit.range)))
        return differs('better-range');
      return worse(`${stem} replaces ${same.map(one => place(one.textEdit.range))}, not ${there}`);
    }
  }
  return 'same';
}

/** A flag that is there already, and the name of the stage that an instruction is in itself. */
function isRefused(
  result: CheckResult,
  at: { readonly label: string; readonly position: Position },
): boolean {
  const { file } = result;
  const before = file.tree.elements.findLast(
    one => one.kind === 'instruction' && one.line <= at.position.line,
  );
  if (before?.kind !== 'instruction') return false;
  const { flags } = before.trigger ?? before;
  const stage = file.stages.findLast(({ from }) => from.node.line <= at.position.line);
  return flags.some(({ name }) => `--${name.text}` === at.label) || stage?.name === at.label;
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
  // A variable's value and a stage's image are told in the list itself.
  if (typeof documentation === 'string' && !documentation.includes(' ')) return 'same';
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
  const isOverridden =
    /\bENV\b[\s\S]*\bARG\b/.test(args[0] as string) && ours.contents.value.includes('Set by ARG');
  if (isOverridden && !ours.contents.value.includes(text)) return differs('build-value');
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
  if (!wanted) return 'same';
  if (!help) return worse(`no signature for ${wanted.label}`);
  const own = help.signatures[help.activeSignature];
  if (!own) return worse('no active signature');
  if (/\[ ?"/.test(wanted.label) !== own.label.includes('["')) {
    if (own.label.includes('["') && (args[0] as string).includes('[')) return differs('json-form');
    // Nothing is written yet, and both forms are shown.
    return /^(?:ONBUILD )?\w+ +$/.test(args[0] as string)
      ? 'same'
      : worse(`${own.label}, not ${wanted.label}`);
  }
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
  const text = args[1] as string;
  const asked = args[2] as Position;
  if (!ours && isQuoted(text, { start: { ...asked, character: asked.character - 1 }, end: asked })) {
    return differs('quoted-text');
  }
  if (!ours) return worse(`none, not ${place(range)}`);
  if (place(ours) === place(range)) return 'same';
  const isNearer = isBefore(range.start, ours.start) && isBefore(ours.start, asked);
  const isSameName = textOf(text, ours) === textOf(text, range);
  return isNearer && isSameName
    ? differs('nearest-definition')
    : worse(`${place(ours)}, not ${place(range)}`);
}

function judgeHighlights(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const wanted = (theirs ?? []) as { range: Range; kind: number }[];
  const show = (one: { range: Range; kind: number }): string => `${place(one.range)}/${one.kind}`;
  const ours = highlights(result, args[1] as Position);
  return judgePlaces(ours.map(show), wanted.map(show), () =>
    classifyMissing(
      args[0] as string,
      ours.map(({ range }) => range),
      wanted.map(({ range }) => range),
    ),
  );
}

/** Why places are not among ours. */
function classifyMissing(
  text: string,
  ours: readonly Range[],
  wanted: readonly Range[],
): DifferenceClass | undefined {
  const missing = wanted.filter(one => !ours.some(own => place(own) === place(one)));
  if (wanted.some(range => isQuoted(text, range))) return 'quoted-text';
  const isAlias = (range: Range): boolean => /\bAS\s*$/i.test(lineBefore(text, range.start));
  return missing.every(isAlias) && wanted.some(one => isAlias(one)) ? 'own-stage' : undefined;
}

function isQuoted(text: string, { start }: Range): boolean {
  return /'\$\{?$/.test(lineBefore(text, start));
}

function lineBefore(text: string, { line, character }: Position): string {
  return (text.split('\n')[line] ?? '').slice(0, character);
}

function judgePlaces(
  ours: readonly string[],
  wanted: readonly string[],
  classify: () => DifferenceClass | undefined = () => undefined,
): Verdict {
  const missing = wanted.filter(one => !ours.includes(one));
  const difference = missing.length > 0 ? classify() : undefined;
  if (difference) return differs(difference);
  if (missing.length > 0) return worse(`${ours.join(' ')} lacks ${missing.join(' ')}`);
  return ours.length > wanted.length && wanted.length > 0 ? differs('more-places') : 'same';
}

function judgePrepareRename(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  if (theirs === null) return 'same';
  const ours = prepareRename(result, args[1] as Position);
  const text = args[0] as string;
  if (!ours && isQuoted(text, theirs as Range)) return differs('quoted-text');
  if (!ours && isUnset(result, args[1] as Position)) return differs('not-set-here');
  if (!ours) return worse(`cannot be renamed: ${place(theirs as Range)}`);
  const wanted = place(theirs as Range);
  return place(ours.range) === wanted ? 'same' : worse(`${place(ours.range)}, not ${wanted}`);
}

function judgeRename(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const edits = (theirs ?? []) as TextEdit[];
  if (edits.length === 0) return 'same';
  const ours = rename(result, args[2] as Position, args[3] as string);
  const text = args[1] as string;
  const wanted = edits.map(({ range }) => range);
  const own = ours.problem === undefined ? ours.edits.map(({ range }) => range) : [];
  if (own.length === 0 && isUnset(result, args[2] as Position)) return differs('not-set-here');
  return judgePlaces(own.map(place), wanted.map(place), () => classifyMissing(text, own, wanted));
}

/** A variable that nothing in the file sets where it is used. */
function isUnset(result: CheckResult, position: Position): boolean {
  const places = references(result, position, { includeDeclaration: true });
  const uses = references(result, position, { includeDeclaration: false });
  return places.length > 0 && places.length === uses.length;
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
  // They take every first `# name=` for a directive.
  return judgePlaces(ours, wanted, () =>
    wanted.every(one => one.startsWith('0:')) ? 'no-directive' : undefined,
  );
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
  if ('ignoreMultilineInstructions' in options) return differs('own-setting');
  return judgeText(ours, applyEdits(text, (theirs ?? []) as TextEdit[]));
}

function judgeFormatRange(result: CheckResult, { args, result: theirs }: Recorded): Verdict {
  const [text, range, options] = args as [string, Range, FormattingOptions];
  const ours = applyEdits(text, formatting(result, range, options));
  return judgeText(ours, applyEdits(text, (theirs ?? []) as TextEdit[]));
}

function judgeText(ours: string, wanted: string): Verdict {
  if (ours === wanted) return 'same';
  if (sourcesOf(ours).join() !== sourcesOf(wanted).join()) return differs('kept-meaning');
  const isIndented = ours.split('\n').every((line, at) => {
    const other = wanted.split('\n')[at] ?? '';
    return line === other || (/^[ \t]/.test(line) && line.trim() === other.trim());
  });
  return isIndented
    ? differs('kept-indentation')
    : worse(`${JSON.stringify(ours)}, not ${JSON.stringify(wanted)}`);
}

function covers(outer: Range, inner: Range): boolean {
  return isBefore(outer.start, inner.start) && isBefore(inner.end, outer.end);
}

function isBefore(left: Position, right: Position): boolean {
  return left.line < right.line || (left.line === right.line && left.character <= right.character);
}

/** What a build shows for the instructions of a text. */
function sourcesOf(text: string): string[] {
  return check(text).file.tree.elements.flatMap(one =>
    one.kind === 'instruction' ? [one.args.map(arg => arg.text).join(' ')] : [],
  );
}
