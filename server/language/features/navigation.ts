import { sourceWords } from '../instructions/stageWords.ts';
import { quotedVariableAt } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import { type Position, type Range, toOffset, toRange } from '../syntax/position.ts';
import type { InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { elementAt } from './cursor.ts';
import { visibleVariables } from './environment.ts';
import { findStageUses } from './stages.ts';
import type { DocumentHighlight, TextEdit } from './types.ts';
import { variableOccurrences } from './variableScopes.ts';

/** Everything that a name stands for in the file: a stage, an image, a variable or a heredoc. */
interface Occurrences {
  readonly kind: 'stage' | 'image' | 'variable' | 'heredoc';
  /** As it is written at the position. */
  readonly current: Span;
  readonly definitions: readonly Span[];
  readonly uses: readonly Span[];
  /** The places that hold the name itself. */
  readonly names: readonly Span[];
}

/** Where the name at a position comes from: of a variable the last place before the position that sets it. */
export function definition(result: CheckResult, position: Position): Range | undefined {
  const found = occurrencesAt(result, position);
  if (!found) return quotedDefinition(result, position);
  const before = found.definitions.filter(one => isBefore(result, one, found.current));
  const span = (found.kind === 'variable' ? before.at(-1) : undefined) ?? found.definitions[0];
  return span && toRange(result.file.tree, span);
}

/** In single quotes a name is text; where its variable is set is of use all the same. */
function quotedDefinition(result: CheckResult, position: Position): Range | undefined {
  const { tree } = result.file;
  const offset = toOffset(tree, position);
  const node = elementAt(tree, offset);
  const use = node?.kind === 'instruction' ? quotedVariableAt(tree, node, offset) : undefined;
  const found =
    use && node?.kind === 'instruction' ? visibleVariables(result, node).get(use.name) : undefined;
  return found?.definition && toRange(tree, found.definition);
}

/** An ENV sees the values from before it, an ARG those of its own line too. */
function isBefore({ file }: CheckResult, definition: Span, current: Span): boolean {
  if (definition === current) return true;
  if (definition.start > current.start) return false;
  const node = elementAt(file.tree, current.start);
  return node?.kind !== 'instruction' || node.name !== 'ENV' || definition.start < node.start;
}

/** All uses of the name at a position, with its definitions if `options` asks for them. */
export function references(
  result: CheckResult,
  position: Position,
  options: { readonly includeDeclaration: boolean },
): Range[] {
  const found = occurrencesAt(result, position);
  if (!found) return [];
  const spans = options.includeDeclaration ? [...found.definitions, ...found.uses] : found.uses;
  return inOrder(spans).map(span => toRange(result.file.tree, span));
}

/** All places of the name at a position. */
export function highlights(result: CheckResult, position: Position): DocumentHighlight[] {
  const found = occurrencesAt(result, position);
  if (!found) return [];
  const definitions = new Set(found.definitions);
  return inOrder([...found.definitions, ...found.uses]).map(span => ({
    range: toRange(result.file.tree, span),
    kind: definitions.has(span) ? 3 : 2,
  }));
}

/** A name that can be renamed. */
export interface RenamePlace {
  readonly range: Range;
  readonly placeholder: string;
  readonly kind: Occurrences['kind'];
}

/** The range of the name at a position and the name; undefined when it cannot be renamed. */
export function prepareRename(result: CheckResult, position: Position): RenamePlace | undefined {
  const found = occurrencesAt(result, position);
  if (!found?.names.includes(found.current)) return undefined;
  const { tree } = result.file;
  const placeholder = tree.text.slice(found.current.start, found.current.end);
  return { range: toRange(tree, found.current), placeholder, kind: found.kind };
}

/** The edits, or what is wrong with the new name. */
export type Rename =
  | { readonly edits: readonly TextEdit[]; readonly problem?: undefined }
  | { readonly problem: string };

const namePatterns = {
  stage: {
    pattern: /^[a-z][a-z0-9-_.]*$/i,
    rule: 'A stage name begins with a letter and has letters, digits, "-", "_" and ".".',
  },
  image: {
    pattern: /^[a-z0-9][\w./:@-]*$/i,
    rule: 'A stage or an image has letters, digits, "-", "_", "." and "/".',
  },
  variable: {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    rule: 'A variable has letters, digits and "_", and does not begin with a digit.',
  },
  heredoc: { pattern: /^[A-Za-z0-9_]+$/, rule: 'The end of a heredoc has letters, digits and "_".' },
};

/** Gives the stage, variable or heredoc at a position another name, everywhere in the file. */
export function rename(result: CheckResult, position: Position, newName: string): Rename {
  const found = occurrencesAt(result, position);
  if (!found || found.names.length === 0)
    return { problem: 'Only stages, variables that the file sets, and heredocs can be renamed.' };
  const { pattern, rule } = namePatterns[found.kind];
  if (!pattern.test(newName)) return { problem: rule };
  const range = (span: Span): Range => toRange(result.file.tree, span);
  return { edits: inOrder(found.names).map(span => ({ range: range(span), newText: newName })) };
}

function occurrencesAt(result: CheckResult, position: Position): Occurrences | undefined {
  const { tree } = result.file;
  const offset = toOffset(tree, position);
  const node = elementAt(tree, offset);
  if (node?.kind !== 'instruction') return undefined;
  const stage = mayNameStage(node, offset) ? stageAt(result, offset) : undefined;
  return (
    stage ?? heredocAt(tree, node, offset) ?? variableAt(result, offset) ?? imageAt(result, node, offset)
  );
}

/** Told by the instruction alone: the whole file is read only for a place that can name a stage. */
function mayNameStage(node: InstructionNode, offset: number): boolean {
  const words = node.name === 'FROM' ? [...node.args, ...sourceWords(node)] : [...sourceWords(node)];
  return words.some(word => touches(word, offset));
}

function stageAt({ file }: CheckResult, offset: number): Occurrences | undefined {
  const all = findStageUses(file);
  const at = all.find(({ span }) => touches(span, offset));
  if (!at) return undefined;
  const own = all.filter(({ stage }) => stage === at.stage);
  const spans = (list: typeof own) => list.map(({ span }) => span);
  const definitions = spans(own.filter(({ isDefinition }) => isDefinition));
  return {
    kind: 'stage',
    current: at.span,
    // A stage without a name is where its FROM is.
    definitions: definitions.length > 0 ? definitions : [at.stage.from.node.keyword],
    uses: spans(own.filter(({ isDefinition }) => !isDefinition)),
    names: spans(own.filter(({ isName }) => isName)),
  };
}

/** The same image elsewhere. A source that is no stage, but could be the name of one, can be renamed. */
function imageAt({ file }: CheckResult, node: InstructionNode, offset: number): Occurrences | undefined {
  if (!mayNameStage(node, offset)) return undefined;
  const sources = file.stages.flatMap(({ nodes }) => nodes.flatMap(node => [...sourceWords(node)]));
  const words = [...file.stages.map(({ from }) => from.image), ...sources];
  const current = words.find(word => touches(word, offset));
  if (!current || current.text === '') return undefined;
  const uses = words.filter(({ text }) => text === current.text);
  const isSource = uses.every(word => sources.includes(word));
  const isName = isSource && namePatterns.stage.pattern.test(current.text);
  return { kind: 'image', current, definitions: [], uses, names: isName ? uses : [] };
}

function heredocAt({ text }: Tree, node: InstructionNode, offset: number): Occurrences | undefined {
  for (const { marker, terminator, name } of node.heredocs) {
    const written = text.slice(marker.start, marker.end).lastIndexOf(name);
    if (written < 0) continue;
    const start = marker.start + written;
    const word = { start, end: start + name.length };
    const last = terminator && { start: terminator.end - name.length, end: terminator.end };
    const uses = last ? [last] : [];
    const current = touches(marker, offset) ? word : uses.find(span => touches(span, offset));
    if (current) return { kind: 'heredoc', current, definitions: [word], uses, names: [word, ...uses] };
  }
  return undefined;
}

function variableAt(result: CheckResult, offset: number): Occurrences | undefined {
  const found = variableOccurrences(result, offset);
  if (!found) return undefined;
  const names = [...found.definitions, ...found.uses];
  const current = names.find(span => touches(span, offset));
  // What the file does not set has its name elsewhere.
  const isOwn = found.definitions.length > 0;
  return current && { ...found, kind: 'variable', current, names: isOwn ? names : [] };
}

function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}

function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((left, right) => left.start - right.start);
}
