import type { CheckResult } from '../lint/check.ts';
import { findLine, lineSpan, type Range, toOffset } from '../syntax/position.ts';
import type { Element, InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { findStageUses } from './stages.ts';
import { findVariableUses } from './variables.ts';

/** The token types, in the order that the numbers of {@link semanticTokens} mean. */
export const tokenTypes = [
  'comment',
  'keyword',
  'macro',
  'parameter',
  'property',
  'variable',
  'class',
  'namespace',
  'string',
  'label',
] as const;

type TokenType = (typeof tokenTypes)[number];

interface Token extends Span {
  readonly type: TokenType;
}

/**
 * The tokens of a file or of a range of it, in the protocol's form: five numbers a token, line and character
 * relative to the token before. Takes time by the length of what is asked for.
 */
export function semanticTokens(result: CheckResult, range?: Range): number[] {
  const { tree } = result.file;
  const from = range ? toOffset(tree, range.start) : 0;
  const to = range ? toOffset(tree, range.end) : tree.text.length;
  const stageSpans = new Map(findStageUses(result.file).map(({ span }) => [span.start, span]));
  const encoder = new Encoder(tree);
  for (const element of tree.elements) {
    const end = tree.lineStarts[element.endLine + 1] ?? tree.text.length;
    if (end < from) continue;
    if (element.start > to) break;
    const tokens = collect(tree, element, stageSpans).sort((left, right) => left.start - right.start);
    for (const token of tokens) if (token.end >= from && token.start <= to) encoder.add(token);
  }
  return encoder.data;
}

function collect(tree: Tree, element: Element, stages: ReadonlyMap<number, Span>): Token[] {
  switch (element.kind) {
    case 'comment':
      return [{ start: element.start, end: element.end, type: 'comment' }];
    case 'directive':
      return [token(element.name, 'macro'), token(element.value, 'string')];
    case 'blank':
      return [];
    case 'instruction':
      return collectInstruction(tree, element, stages);
  }
}

function collectInstruction(tree: Tree, node: InstructionNode, stages: ReadonlyMap<number, Span>): Token[] {
  const tokens = node.innerComments.map(span => token(span, 'comment'));
  addParts(tokens, node, stages);
  for (const { span } of findVariableUses(tree, node)) tokens.push(token(span, 'variable'));
  for (const { marker, terminator } of node.heredocs) {
    tokens.push(token(marker, 'label'));
    if (terminator) tokens.push(token(terminator, 'label'));
  }
  return tokens;
}

function addParts(tokens: Token[], node: InstructionNode, stages: ReadonlyMap<number, Span>): void {
  if (node.name) tokens.push(token(node.keyword, 'keyword'));
  for (const flag of node.flags) {
    tokens.push({ start: flag.start, end: flag.name.end, type: 'parameter' });
    const span = flag.value && stages.get(flag.value.start);
    if (span) tokens.push(token(span, 'class'));
  }
  if (node.trigger) addParts(tokens, node.trigger, stages);
  const [first, as, alias] = node.args;
  if (node.name === 'FROM') {
    if (first) tokens.push(token(first, stages.has(first.start) ? 'class' : 'namespace'));
    if (as && as.text.toLowerCase() === 'as') tokens.push(token(as, 'keyword'));
    if (as && alias) tokens.push(token(alias, 'class'));
  } else if (node.name === 'HEALTHCHECK' && first) {
    tokens.push(token(first, 'keyword'));
  } else if (node.name === 'ENV' || node.name === 'LABEL' || node.name === 'ARG') {
    addKeys(tokens, node);
  } else if (node.json) {
    for (const argument of node.args) tokens.push(token(argument, 'string'));
  }
}

function addKeys(tokens: Token[], node: InstructionNode): void {
  const type = node.name === 'LABEL' ? 'property' : 'variable';
  for (const { start, text } of node.legacyPair ? node.args.slice(0, 1) : node.args) {
    const equals = text.indexOf('=');
    tokens.push({ start, end: start + (equals < 0 ? text.length : equals), type });
  }
}

function token({ start, end }: Span, type: TokenType): Token {
  return { start, end, type };
}

/** Writes tokens in order; what overlaps an earlier one or goes over a line is cut. */
class Encoder {
  readonly data: number[] = [];
  readonly #tree: Tree;
  #line = 0;
  #character = 0;
  #end = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  add({ start, end, type }: Token): void {
    let at = Math.max(start, this.#end);
    while (at < end) {
      const line = findLine(this.#tree, at);
      const content = lineSpan(this.#tree, line);
      const stop = Math.min(end, content.end);
      if (stop > at) this.#write(line, at - content.start, stop - at, type);
      this.#end = Math.max(stop, this.#end);
      at = this.#tree.lineStarts[line + 1] ?? end;
    }
  }

  #write(line: number, character: number, length: number, type: TokenType): void {
    const sameLine = line === this.#line;
    this.data.push(
      line - this.#line,
      sameLine ? character - this.#character : character,
      length,
      tokenTypes.indexOf(type),
      0,
    );
    this.#line = line;
    this.#character = character;
  }
}
