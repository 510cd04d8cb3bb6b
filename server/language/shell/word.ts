import { SampanError } from '../../common/errors.ts';
import { isSpace } from '../syntax/characters.ts';
import type { EscapeToken } from '../syntax/tree.ts';
import { readPattern, replace, trimPrefix, trimSuffix } from './pattern.ts';

/**
 * Quotes and variables in words, as BuildKit's frontend/dockerfile/shell has them: a part of the POSIX shell
 * (XCU 2.2, 2.6.2) with `${name/pattern/replacement}` added.
 */
export interface WordOptions {
  readonly env: ReadonlyMap<string, string>;
  /** Default `\`. */
  readonly escapeToken?: EscapeToken;
  /** Keep the quotes. */
  readonly rawQuotes?: boolean;
  /** Keep the escape characters. */
  readonly rawEscapes?: boolean;
  /** Treat quotes as any other character. */
  readonly skipProcessQuotes?: boolean;
  /** Leave a variable that is not set as it is written. */
  readonly skipUnsetEnv?: boolean;
}

/** A word with its variables replaced, and which names were used. */
export interface ExpandedWord {
  readonly text: string;
  readonly matched: ReadonlySet<string>;
  readonly unmatched: ReadonlySet<string>;
}

/**
 * Expands `word` into one string: quotes and escapes are resolved, variables replaced, blanks kept.
 *
 * @throws SampanError `dockerfile-invalid`: an open quote or brace, an unknown operator, or `${name:?message}`.
 */
export function processWord(word: string, options: WordOptions): ExpandedWord {
  const reader = new WordReader(word, options);
  const text = reader.run(undefined);
  return { text, matched: reader.matched, unmatched: reader.unmatched };
}

/**
 * Expands `word` and splits the result at blanks that are not quoted.
 *
 * @throws SampanError as {@link processWord}
 */
export function processWords(word: string, options: WordOptions): string[] {
  const splitter = new Splitter();
  new WordReader(word, options).run(splitter);
  return splitter.finish();
}

const specialParameters = '@*#?-$!0';
const nameCharacter = /[\p{L}\p{Nd}_]/u;
const digit = /\p{Nd}/u;

/** Expressions within expressions: more than anybody writes, less than the stack holds. */
const deepest = 100;

class SyntaxFault extends Error {}

class WordReader {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #source: string;
  readonly #options: WordOptions;
  readonly #escapeToken: string;
  #rawEscapes: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, options: WordOptions) {
    this.#source = source;
    this.#options = options;
    this.#escapeToken = options.escapeToken ?? '\\';
    this.#rawEscapes = options.rawEscapes ?? false;
  }

  /** The expanded text; `splitter` gets it in pieces. */
  run(splitter: Splitter | undefined): string {
    try {
      return this.#readUntil(undefined, this.#rawEscapes, splitter);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      const message = `failed to process ${JSON.stringify(this.#source)}: ${error.message}`;
      throw new SampanError('dockerfile-invalid', message);
    }
  }

  #peek(): string | undefined {
    const code = this.#source.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #next(): string | undefined {
    const character = this.#peek();
    this.#at += character?.length ?? 0;
    return character;
  }

  #readUntil(stop: string | undefined, rawEscapes: boolean, splitter: Splitter | undefined): string {
    const outerRawEscapes = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    let text = '';
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (character === stop) {
        this.#next();
        this.#rawEscapes = outerRawEscapes;
        return text;
      }
      const special = this.#readSpecial(character);
      if (special !== undefined) {
        text += special;
        if (character === '$') splitter?.add(special);
        else splitter?.addRaw(special);
      } else {
        text += this.#readPlain(splitter);
      }
    }
    if (stop !== undefined) {
      throw new SyntaxFault(`unexpected end of statement while looking for matching ${stop}`);
    }
    return text;
  }

  #readSpecial(character: string): string | undefined {
    if (character === '$') return this.#readDollar();
    if (character === '<') return this.#readHeredocOperator();
    if (this.#options.skipProcessQuotes) return undefined;
    if (character === "'") return this.#readSingleQuoted();
    if (character === '"') return this.#readDoubleQuoted();
    return undefined;
  }

  #readPlain(splitter: Splitter | undefined): string {
    const character = this.#next() ?? '';
    if (character !== this.#escapeToken) {
      splitter?.add(character);
      return character;
    }
    const kept = this.#rawEscapes ? character : '';
    const escaped = this.#next() ?? '';
    splitter?.addRaw(kept + escaped);
    return kept + escaped;
  }

  #readSingleQuoted(): string {
    this.#next();
    const end = this.#source.indexOf("'", this.#at);
    if (end < 0) {
      this.#at = this.#source.length;
      throw new SyntaxFault('unexpected end of statement while looking for matching single-quote');
    }
    const inner = this.#source.slice(this.#at, end);
    this.#at = end + 1;
    return this.#options.rawQuotes ? `'${inner}'` : inner;
  }

  #readDoubleQuoted(): string {
    this.#next();
    const quote = this.#options.rawQuotes ? '"' : '';
    let text = quote;
    for (;;) {
      const character = this.#peek();
      if (character === undefined) {
        throw new SyntaxFault('unexpected end of statement while looking for matching double-quote');
      }
      if (character === '$') {
        text += this.#readDollar();
        continue;
      }
      this.#next();
      if (character === '"') return text + quote;
      text += character === this.#escapeToken ? this.#readQuotedEscape() : character;
    }
  }

  // Inside double quotes only these characters can be escaped, see XCU 2.2.3.
  #readQuotedEscape(): string {
    const kept = this.#rawEscapes ? this.#escapeToken : '';
    const following = this.#peek();
    if (following === undefined) return kept;
    if (following !== '"' && following !== '$' && following !== this.#escapeToken)
      return kept + this.#escapeToken;
    this.#next();
    return kept + following;
  }

  #readHeredocOperator(): string {
    this.#next();
    if (this.#peek() !== '<') return '<';
    this.#next();
    const start = this.#at;
    while (' \t\r'.includes(this.#peek() ?? '\n')) this.#next();
    return `<<${this.#source.slice(start, this.#at)}`;
  }

  #readDollar(): string {
    this.#next();
    if (this.#peek() === '{') return this.#readBraces();
    const name = this.#readName();
    if (name === '') return '$';
    const value = this.#lookUp(name);
    if (value === undefined && this.#options.skipUnsetEnv) return `$${name}`;
    return value ?? '';
  }

  #readBraces(): string {
    this.#next();
    const first = this.#peek();
    if (first === undefined) throw new SyntaxFault("syntax error: missing '}'");
    if ('{}:'.includes(first)) throw new SyntaxFault('syntax error: bad substitution');
    const name = this.#readName();
    const operator = this.#next();
    if (operator === '}') {
      const value = this.#lookUp(name);
      return value ?? (this.#options.skipUnsetEnv ? `\${${name}}` : '');
    }
    if (operator === '/') return this.#readReplacement(name);
    if (operator === ':') return this.#readModifier(name, `:${this.#next() ?? '\uFFFD'}`);
    return this.#readModifier(name, operator ?? '\uFFFD');
  }

  #readModifier(name: string, modifier: string): string {
    const nullIsUnset = modifier.startsWith(':');
    const operator = nullIsUnset ? modifier.slice(1) : modifier;
    const trims = operator === '#' || operator === '%';
    const known = nullIsUnset ? '+-?' : '+-?#%';
    if (!known.includes(operator)) {
      throw new SyntaxFault(`unsupported modifier (${modifier}) in substitution`);
    }
    const word = this.#readOperand('}', trims);
    const value = this.#lookUp(name);
    if (value === undefined && this.#options.skipUnsetEnv) return `\${${name}${modifier}${word}}`;
    const isSet = value !== undefined && !(nullIsUnset && value === '');
    if (operator === '-') return isSet ? value : word;
    if (operator === '+') return isSet ? word : '';
    if (trims) return trim(value ?? '', operator, word);
    if (isSet) return value;
    throw new SyntaxFault(
      `${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`,
    );
  }

  #readReplacement(name: string): string {
    const every = this.#peek() === '/';
    if (every) this.#next();
    const pattern = this.#readOperand('/', true);
    const replacement = this.#readOperand('}', true);
    const value = this.#lookUp(name);
    if (value === undefined && this.#options.skipUnsetEnv) return `\${${name}/${pattern}/${replacement}}`;
    return replace(value ?? '', checkedPattern(pattern), { replacement, every });
  }

  #readOperand(stop: string, rawEscapes: boolean): string {
    const outerRawEscapes = this.#rawEscapes;
    if (++this.#depth > deepest) throw new SyntaxFault('expressions are nested too deeply');
    try {
      return this.#readUntil(stop, rawEscapes, undefined);
    } catch (error) {
      this.#rawEscapes = outerRawEscapes;
      if (error instanceof SyntaxFault && this.#at >= this.#source.length) {
        throw new SyntaxFault(
          stop === '}' ? "syntax error: missing '}'" : `syntax error: missing '/' in $` + '{}',
        );
      }
      throw error;
    } finally {
      this.#depth--;
    }
  }

  #readName(): string {
    const start = this.#at;
    const first = this.#peek();
    if (first === undefined) return '';
    const allowed = digit.test(first) ? digit : nameCharacter;
    if (allowed === nameCharacter && specialParameters.includes(first)) return this.#next() ?? '';
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (!allowed.test(character)) break;
      this.#next();
    }
    return this.#source.slice(start, this.#at);
  }

  #lookUp(name: string): string | undefined {
    const value = this.#options.env.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }
}

/** Collects words: blanks separate, unless they are added raw. A word is never empty. */
class Splitter {
  #words: string[] = [];
  #word = '';

  add(text: string): void {
    for (const character of text) {
      if (!isSpace(character.codePointAt(0) ?? 0)) this.#word += character;
      else this.#flush();
    }
  }

  addRaw(text: string): void {
    this.#word += text;
  }

  finish(): string[] {
    this.#flush();
    return this.#words;
  }

  #flush(): void {
    if (this.#word !== '') this.#words.push(this.#word);
    this.#word = '';
  }
}

function trim(value: string, operator: string, word: string): string {
  const longest = word.startsWith(operator);
  const pattern = checkedPattern(longest ? word.slice(1) : word);
  const cut = operator === '#' ? trimPrefix : trimSuffix;
  return cut(value, pattern, longest ? 'longest' : 'shortest');
}

function checkedPattern(text: string) {
  const pattern = readPattern(text);
  if (pattern.error !== undefined) {
    throw new SyntaxFault(`invalid pattern (${text}) in substitution: ${pattern.error}`);
  }
  return pattern;
}
