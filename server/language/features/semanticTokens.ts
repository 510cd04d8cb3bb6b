import type { Dockerfile } from '../instructions/types.ts';
import { findVariableUses } from '../instructions/variables.ts';
import type { CheckResult } from '../lint/check.ts';
import type { ShellDialect } from '../shell/interpreter.ts';
import type { ShellScript } from '../shell/script.ts';
import { shellScripts } from '../shell/scripts.ts';
import { shellTokens } from '../shell/tokens.ts';
import { NodeMemo } from '../syntax/nodeMemo.ts';
import type { Range } from '../syntax/position.ts';
import type { Element, InstructionNode, Span, Tree } from '../syntax/tree.ts';
import { findStageUses } from './stages.ts';
import { type ElementTokens, placeTokens, type Token, TokenEncoder } from './tokenEncoder.ts';

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
  'function',
  'number',
  'operator',
] as const;

type TokenType = (typeof tokenTypes)[number];

const typeNumbers = Object.fromEntries(tokenTypes.map((type, at) => [type, at])) as Record<TokenType, number>;

/**
 * The tokens of a file or of a range of it, in the protocol's form: five numbers a token, line and character
 * relative to the token before. Takes time by the length of what is asked for, and by what changed since the last time.
 */
export function semanticTokens(result: CheckResult, range?: Range): number[] {
  const steps = semanticTokenSteps(result, range);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As {@link semanticTokens}, in steps between which something else may be done, but nothing that changes the file. */
export function* semanticTokenSteps(
  { file }: CheckResult,
  range?: Range,
): Generator<undefined, number[], undefined> {
  const { tree } = file;
  const reader = new TokenReader(file);
  const encoder = new TokenEncoder();
  const from = range ? range.start.line : 0;
  const to = range ? range.end.line : tree.lineStarts.length;
  let read = 0;
  for (const element of tree.elements) {
    if (read++ % elementsInStep === 0) yield undefined;
    if (!range) {
      encoder.add(element, reader.read(element));
      continue;
    }
    if (element.line > to) break;
    const isWithin = element.line > from && element.endLine < to;
    const tokens = element.endLine < from ? noTokens : reader.read(element);
    encoder.add(element, tokens, isWithin ? undefined : touching(range));
  }
  return encoder.data;
}

/** Elements whose tokens take less than a millisecond, also when they are read for the first time. */
const elementsInStep = 16;

const noTokens: ElementTokens = [];

function touching({ start, end }: Range): (line: number, character: number, stop: number) => boolean {
  return (line, character, stop) => {
    const isBefore = line < start.line || (line === start.line && stop < start.character);
    return !isBefore && (line < end.line || (line === end.line && character <= end.character));
  };
}

interface Kept {
  readonly tokens: ElementTokens;
  readonly dialect: ShellDialect | undefined;
}

/** Tokens of instructions that name no stage: of those, only the shell is not in their own text. */
const kept = new NodeMemo<Kept>();

/** Reads the elements of a file; ask in their order. */
class TokenReader {
  readonly #tree: Tree;
  readonly #scripts: readonly ShellScript[];
  readonly #stages: ReadonlyMap<number, Span>;
  #next = 0;

  constructor(file: Dockerfile) {
    this.#tree = file.tree;
    this.#scripts = shellScripts(file);
    this.#stages = new Map(findStageUses(file).map(({ span }) => [span.start, span]));
  }

  read(element: Element): ElementTokens {
    switch (element.kind) {
      case 'comment':
        return placeTokens(this.#tree, element, [token(element, 'comment')]);
      case 'directive':
        return placeTokens(this.#tree, element, [
          token(element.name, 'macro'),
          token(element.value, 'string'),
        ]);
      case 'blank':
        return noTokens;
      case 'instruction':
        return this.#readInstruction(element);
    }
  }

  #readInstruction(node: InstructionNode): ElementTokens {
    const script = this.#scriptOf(node);
    const dialect = script?.interpreter.dialect;
    const known = kept.get(node);
    if (known && known.dialect === dialect) return known.tokens;
    const tokens = placeTokens(this.#tree, node, this.#collect(node, dialect ? script : undefined));
    if (!mayNameStage(node)) kept.set(node, { tokens, dialect });
    return tokens;
  }

  #scriptOf(node: InstructionNode): ShellScript | undefined {
    while ((this.#scripts[this.#next]?.node.start ?? Number.POSITIVE_INFINITY) < node.start) this.#next++;
    const script = this.#scripts[this.#next];
    return script && script.node.start < node.end ? script : undefined;
  }

  /** The tokens of an instruction; `script` is what a shell reads of it. */
  #collect(node: InstructionNode, script: ShellScript | undefined): Token[] {
    const tokens = node.innerComments.map(span => token(span, 'comment'));
    addParts(tokens, node, this.#stages);
    if (!script || script.isHeredoc) addHeredocs(tokens, node);
    if (!script) {
      for (const { span } of findVariableUses(this.#tree, node)) tokens.push(token(span, 'variable'));
      return tokens;
    }
    for (const part of shellTokens(script.tree, script.text)) {
      for (const span of script.pieces(part)) tokens.push(token(span, part.type));
    }
    // The shell has found its own variables; what stands before it is a build's.
    const head = node.with({ end: script.node.rest.start, heredocs: [] });
    for (const { span } of node.flags.length > 0 ? findVariableUses(this.#tree, head) : []) {
      tokens.push(token(span, 'variable'));
    }
    return tokens;
  }
}

function mayNameStage({ name, flags, trigger }: InstructionNode): boolean {
  return name === 'FROM' || trigger !== undefined || flags.some(({ text }) => text.includes('from'));
}

function addHeredocs(tokens: Token[], { heredocs }: InstructionNode): void {
  for (const { marker, terminator } of heredocs) {
    tokens.push(token(marker, 'label'));
    if (terminator) tokens.push(token(terminator, 'label'));
  }
}

function addParts(tokens: Token[], node: InstructionNode, stages: ReadonlyMap<number, Span>): void {
  if (node.name) tokens.push(token(node.keyword, 'keyword'));
  for (const flag of node.flags) {
    tokens.push(token({ start: flag.start, end: flag.name.end }, 'parameter'));
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
    tokens.push(token({ start, end: start + (equals < 0 ? text.length : equals) }, type));
  }
}

function token({ start, end }: Span, type: TokenType): Token {
  return { start, end, type: typeNumbers[type] };
}
