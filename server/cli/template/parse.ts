import { TemplateError } from './error.ts';
import { type Piece, scan, type Token } from './scan.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with'; readonly pipe: Pipe; readonly body: Node[]; readonly otherwise: Node[] }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: Node[]; readonly otherwise: Node[] }
  | { readonly kind: 'break' | 'continue' };

/** `$a, $b := command | command`. */
export interface Pipe {
  readonly variables: readonly string[];
  /** `=` gives a new value to a variable that exists. */
  readonly assigns: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'function'; readonly name: string }
  /** `base` and then fields: `.A.B`, `$x.A`, `(pipe).A`. */
  | { readonly kind: 'chain'; readonly base: Base; readonly fields: readonly string[] };

export type Base =
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe };

/** Parses a template: text, actions, pipelines, variables, if, with, range. Throws {@link TemplateError}. */
export function parseTemplate(source: string): Node[] {
  const parser = new BlockParser(scan(source));
  const { nodes, end } = parser.block();
  if (end !== undefined) throw new TemplateError(`unexpected {{${end.text}}}`);
  return nodes;
}

interface End {
  readonly text: 'end' | 'else';
  readonly rest: readonly Token[];
}

class BlockParser {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Nodes up to the matching `end` or `else`, or the end of the template. */
  block(): { readonly nodes: Node[]; readonly end: End | undefined } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++] as Piece;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...rest] = piece.tokens;
      const keyword = first?.kind === 'word' ? first.text : '';
      if (keyword === 'end' || keyword === 'else') return { nodes, end: { text: keyword, rest } };
      if (keyword === 'if' || keyword === 'with' || keyword === 'range')
        nodes.push(this.#control(keyword, rest));
      else if (keyword === 'break' || keyword === 'continue') nodes.push({ kind: keyword });
      else if (keyword === 'template' || keyword === 'define' || keyword === 'block')
        throw new TemplateError(`{{${keyword}}} is not supported`);
      else nodes.push({ kind: 'print', pipe: parsePipe(piece.tokens) });
    }
    return { nodes, end: undefined };
  }

  #control(kind: 'if' | 'with' | 'range', tokens: readonly Token[]): Node {
    const pipe = parsePipe(tokens);
    const { nodes: body, end } = this.block();
    if (end === undefined) throw new TemplateError('unexpected EOF');
    return { kind, pipe, body, otherwise: end.text === 'else' ? this.#otherwise(end.rest) : [] };
  }

  #otherwise(rest: readonly Token[]): Node[] {
    const [first, ...more] = rest;
    if (first?.kind === 'word' && (first.text === 'if' || first.text === 'with')) {
      return [this.#control(first.text, more)];
    }
    if (first !== undefined) throw new TemplateError('unexpected text after {{else}}');
    const { nodes, end } = this.block();
    if (end?.text !== 'end') throw new TemplateError(end ? 'unexpected {{else}}' : 'unexpected EOF');
    return nodes;
  }
}

function parsePipe(tokens: readonly Token[]): Pipe {
  const parser = new PipeParser(tokens);
  const pipe = parser.pipe();
  parser.mustBeDone();
  return pipe;
}

class PipeParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  pipe(): Pipe {
    const { variables, assigns } = this.#declaration();
    const commands = [this.#command()];
    while (this.#takeSymbol('|')) commands.push(this.#command());
    return { variables, assigns, commands };
  }

  mustBeDone(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw new TemplateError(`unexpected ${describe(token)} in operand`);
  }

  #declaration(): { variables: string[]; assigns: boolean } {
    const variables: string[] = [];
    let at = this.#at;
    for (let token = this.#tokens[at]; token?.kind === 'variable'; token = this.#tokens[at]) {
      variables.push(token.name);
      const next = this.#tokens[at + 1];
      if (next?.kind !== 'symbol') break;
      if (next.text === ':=' || next.text === '=') {
        this.#at = at + 2;
        return { variables, assigns: next.text === '=' };
      }
      if (next.text !== ',') break;
      at += 2;
    }
    return { variables: [], assigns: false };
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand !== undefined; operand = this.#operand())
      operands.push(operand);
    if (operands.length === 0) throw new TemplateError('missing value for command');
    return operands;
  }

  #operand(): Operand | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return undefined;
    if (token.kind === 'literal') return this.#advance({ kind: 'literal', value: token.value });
    if (token.kind === 'word') return this.#advance(wordOperand(token.text));
    if (token.kind === 'variable') {
      this.#at++;
      return this.#chain({ kind: 'variable', name: token.name }, []);
    }
    if (token.kind === 'field') {
      this.#at++;
      return this.#chain({ kind: 'dot' }, token.name === '' ? [] : [token.name]);
    }
    if (token.text !== '(') return undefined;
    this.#at++;
    const pipe = this.pipe();
    if (!this.#takeSymbol(')')) throw new TemplateError('unclosed left paren');
    return this.#chain({ kind: 'pipe', pipe }, []);
  }

  #chain(base: Base, fields: string[]): Operand {
    for (let token = this.#tokens[this.#at]; token?.kind === 'field' && token.glued; ) {
      fields.push(token.name);
      token = this.#tokens[++this.#at];
    }
    return { kind: 'chain', base, fields };
  }

  #advance(operand: Operand): Operand {
    this.#at++;
    return operand;
  }

  #takeSymbol(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'symbol' || token.text !== text) return false;
    this.#at++;
    return true;
  }
}

const constants = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['nil', undefined],
]);

function wordOperand(text: string): Operand {
  return constants.has(text)
    ? { kind: 'literal', value: constants.get(text) }
    : { kind: 'function', name: text };
}

function describe(token: Token): string {
  if (token.kind === 'field') return `<.${token.name}>`;
  if (token.kind === 'variable') return `<$${token.name}>`;
  return token.kind === 'literal' ? JSON.stringify(token.value) : `"${token.text}"`;
}
