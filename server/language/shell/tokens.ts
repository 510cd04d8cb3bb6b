import {
  type Command,
  forEachChild,
  type HereDoc,
  parseShell,
  type ShellTree,
  type ShellWord,
  type SyntaxNode,
} from './grammar.ts';
import { createInterpreter } from './interpreter.ts';
import { staticValue } from './literal.ts';
import type { ScriptSpan } from './script.ts';

/** What a piece of a script is; the rest of a script is plain words. */
export type ShellTokenType =
  | 'comment'
  | 'keyword'
  | 'function'
  | 'parameter'
  | 'variable'
  | 'string'
  | 'number'
  | 'operator'
  | 'label';

export interface ShellToken extends ScriptSpan {
  readonly type: ShellTokenType;
}

/**
 * The tokens of a script, by their place, none over another. The bodies of heredocs that no shell reads have the
 * variables that the shell replaces in them, and nothing else.
 */
export function shellTokens(tree: ShellTree, text: string): readonly ShellToken[] {
  const tokens: ShellToken[] = [];
  new Tokenizer(text, tokens).read(tree, { pos: 0, end: text.length });
  return tokens.sort((left, right) => left.pos - right.pos);
}

/** Reads what stands between words: the tree has no places for it. */
const between =
  /(?<space>(?:[ \t\r\n]|\\\r?\n)+)|(?<comment>#[^\n]*)|(?<operator>\d*(?:<<-?|<<<|>>|<>|[<>]&|&>>?|>\|)|\|\||&&|;;&|;[;&]|\|&|\[\[|\]\]|-[a-zA-Z]{1,2}\b|[=!]=|=~|[|&;()<>!=+*/%^~?:,-])|(?<word>[^\s|&;()<>!=+*/%^~?:,\\-]+|.)/gy;

const keywords: ReadonlySet<string> = new Set(
  'if then elif else fi for while until do done case esac in select function time coproc { }'.split(' '),
);

class Tokenizer {
  readonly #text: string;
  readonly #tokens: ShellToken[];
  /** Places of words and bodies in the region that is read. */
  #covered: ScriptSpan[] = [];

  constructor(text: string, tokens: ShellToken[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  /** Reads the nodes of a region, and what stands between their words. */
  read(node: SyntaxNode, region: ScriptSpan): void {
    const outer = this.#covered;
    this.#covered = [];
    this.#visit(node);
    this.#readBetween(region);
    this.#covered = outer;
  }

  #visit(node: SyntaxNode): void {
    switch (node.type) {
      case 'Command':
        this.#readCommand(node);
        break;
      case 'Function':
        this.#cover(node.name);
        this.#add('function', node.name);
        this.#visit(node.body);
        break;
      case 'For':
      case 'Select':
        this.#cover(node.name);
        this.#add('variable', node.name);
        forEachChild(node, child => child !== node.name && this.#visit(child));
        break;
      case 'Assignment':
        this.#add('variable', { pos: node.pos, end: node.pos + node.name.length });
        this.#cover({ pos: node.pos, end: node.pos + node.name.length });
        forEachChild(node, child => this.#visit(child));
        break;
      case 'Word':
        this.#cover(node);
        this.#readParts(node.parts);
        break;
      case 'ArithmeticWord':
        this.#cover(node);
        if (node.parts) this.#readParts(node.parts);
        else this.#add(/^\d/.test(node.value) ? 'number' : 'variable', node);
        break;
      case 'HereDoc':
        this.#readHeredoc(node, false);
        break;
      case 'ArithmeticCommandExpansion':
        this.#cover(node);
        this.#readNested(node, node.script, 2);
        break;
      default:
        forEachChild(node, child => this.#visit(child));
    }
  }

  #readCommand(command: Command): void {
    const { name } = command;
    for (const part of command.prefix) this.#visit(part);
    if (name) this.#readWord(name, 'function');
    for (const part of command.suffix) {
      if (part.type === 'Word') this.#readWord(part, part.text.startsWith('-') ? 'parameter' : undefined);
      else if (part.type === 'HereDoc') this.#readHeredoc(part, readsShell(command));
      else this.#visit(part);
    }
  }

  /** Reads a word whose first unquoted part has a type, up to its `=`. */
  #readWord(word: ShellWord, type: 'function' | 'parameter' | undefined): void {
    this.#visit(word);
    const first = word.parts ? word.parts[0] : word;
    if (type === undefined || !first || (first.type !== 'Word' && first.type !== 'Literal')) return;
    const equals = type === 'parameter' ? first.text.indexOf('=') : -1;
    this.#add(type, { pos: first.pos, end: equals < 0 ? first.end : first.pos + equals });
  }

  #readParts(parts: readonly SyntaxNode[] | undefined): void {
    for (const part of parts ?? []) this.#readPart(part);
  }

  #readPart(part: SyntaxNode): void {
    switch (part.type) {
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        this.#add('string', part);
        break;
      case 'DoubleQuoted':
      case 'LocaleString':
        this.#addAround('string', part, part.parts);
        this.#readParts(part.parts);
        break;
      case 'SimpleExpansion':
        this.#add('variable', { pos: part.pos + 1, end: part.end });
        break;
      case 'ParameterExpansion': {
        this.#add('variable', { pos: part.parameterPos, end: part.parameterEnd });
        const { index, operation } = part;
        if (index) this.#readParts(index.parts);
        if (!operation) break;
        this.#add('operator', { pos: operation.pos, end: operation.operatorEnd });
        forEachChild(operation, child => this.#readPart(child));
        break;
      }
      case 'CommandExpansion':
        this.#readNested(part, part.script, this.#text[part.pos] === '`' ? 1 : 2);
        break;
      case 'ProcessSubstitution':
        this.#readNested(part, part.script, 2);
        break;
      case 'ArithmeticExpansion': {
        const inner = { pos: part.pos + 3, end: Math.max(part.end - 2, part.pos + 3) };
        this.#add('operator', { pos: part.pos, end: inner.pos });
        if (part.expression) this.read(part.expression, inner);
        this.#add('operator', { pos: inner.end, end: part.end });
        break;
      }
      case 'Word':
      case 'Glob':
      case 'ExtendedGlob':
      case 'BraceExpansion':
        this.#readParts(part.parts);
        break;
    }
  }

  /** Reads `$(script)`; `opening` is the length of what begins it. */
  #readNested(part: ScriptSpan, script: ShellTree | undefined, opening: number): void {
    // The offsets within escaped backquotes are those of another text.
    if (!script || script.source !== undefined) return;
    const inner = { pos: part.pos + opening, end: Math.max(part.end - 1, part.pos + opening) };
    this.#add('operator', { pos: part.pos, end: inner.pos });
    this.read(script, inner);
    this.#add('operator', { pos: inner.end, end: part.end });
  }

  #readHeredoc(heredoc: HereDoc, isShell: boolean): void {
    const { delimiter, body, closing } = heredoc;
    if (delimiter) {
      this.#cover(delimiter);
      this.#add('label', delimiter);
    }
    this.#cover(body);
    if (isShell) this.#readShellBody(body);
    else if (delimiter?.quoted === false) this.#readParts(body.parts);
    if (!closing) return;
    this.#cover(closing);
    this.#add('label', closing);
  }

  #readShellBody({ pos, end }: ScriptSpan): void {
    const text = this.#text.slice(pos, end);
    for (const token of shellTokens(parseShell(text), text)) {
      this.#add(token.type, { pos: token.pos + pos, end: token.end + pos });
    }
  }

  #readBetween({ pos, end }: ScriptSpan): void {
    let at = pos;
    for (const span of this.#covered.sort((left, right) => left.pos - right.pos)) {
      if (span.pos > at) this.#readGap(at, Math.min(span.pos, end));
      at = Math.max(at, span.end);
    }
    if (at < end) this.#readGap(at, end);
  }

  #readGap(pos: number, end: number): void {
    between.lastIndex = pos;
    while (between.lastIndex < end) {
      const start = between.lastIndex;
      const groups = between.exec(this.#text)?.groups;
      if (!groups) return;
      const span = { pos: start, end: Math.min(between.lastIndex, end) };
      if (groups.comment !== undefined) this.#add('comment', span);
      else if (groups.operator !== undefined) this.#add('operator', span);
      else if (groups.word !== undefined && keywords.has(groups.word)) this.#add('keyword', span);
    }
  }

  #cover({ pos, end }: ScriptSpan): void {
    this.#covered.push({ pos, end });
  }

  /** Adds what is left of a quoted piece between its parts. */
  #addAround(type: ShellTokenType, { pos, end }: ScriptSpan, parts: readonly SyntaxNode[]): void {
    let at = pos;
    for (const part of parts) {
      if (part.type === 'Literal') continue;
      this.#add(type, { pos: at, end: part.pos });
      at = part.end;
    }
    this.#add(type, { pos: at, end });
  }

  #add(type: ShellTokenType, { pos, end }: ScriptSpan): void {
    if (end > pos) this.#tokens.push({ pos, end, type });
  }
}

/** True when a command is a shell that reads its script from where a heredoc gives it. */
function readsShell(command: Command): boolean {
  const words = [command.name, ...command.args.filter(part => part.type === 'Word')].flatMap(word => {
    const value = word && staticValue(word);
    return value === undefined ? [] : [value];
  });
  if (createInterpreter(words).dialect === undefined) return false;
  return words
    .slice(1)
    .every(word => word.startsWith('-') || createInterpreter([word]).dialect !== undefined);
}
