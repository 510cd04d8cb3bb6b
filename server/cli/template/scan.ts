import { TemplateError } from './error.ts';

/** A piece of a template: text, or what stands between `{{` and `}}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly source: string };

export type Token =
  /** A name, keyword, or one of `( ) | := = ,`. */
  | { readonly kind: 'word' | 'symbol'; readonly text: string }
  /** `.Name`; a lone dot has the empty name. */
  | { readonly kind: 'field'; readonly name: string; readonly glued: boolean }
  /** `$name`; a lone dollar has the empty name. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number };

/** Cuts a template into pieces (Go text/template: trim markers and comments included). */
export function scan(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  while (at <= source.length) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimNext) text = text.trimStart();
    if (open < 0) {
      if (text !== '') pieces.push({ kind: 'text', text });
      return pieces;
    }
    const close = closeOf(source, open + 2);
    let inner = source.slice(open + 2, close);
    if (/^-\s/.test(inner)) {
      text = text.trimEnd();
      inner = inner.slice(1);
    }
    trimNext = /\s-$/.test(inner);
    if (trimNext) inner = inner.slice(0, -1);
    if (text !== '') pieces.push({ kind: 'text', text });
    if (!/^\s*\/\*.*\*\/\s*$/s.test(inner))
      pieces.push({ kind: 'action', tokens: tokens(inner), source: inner.trim() });
    at = close + 2;
  }
  return pieces;
}

/** Index of the `}}` that ends an action, quoted text skipped. */
function closeOf(source: string, from: number): number {
  const pattern = /"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*.*?\*\/|\}\}/gs;
  pattern.lastIndex = from;
  for (let match = pattern.exec(source); match; match = pattern.exec(source)) {
    if (match[0] === '}}') return match.index;
  }
  throw new TemplateError('unclosed action');
}

const tokenPattern =
  /\s+|(?<string>"(?:[^"\\\n]|\\.)*")|(?<raw>`[^`]*`)|(?<char>'(?:[^'\\]|\\.)+')|(?<number>[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?))|(?<field>\.[\p{L}_][\p{L}\p{N}_]*|\.)|(?<variable>\$[\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<symbol>:=|[()|=,])/uy;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  let end = 0;
  while (end < text.length) {
    pattern.lastIndex = end;
    const match = pattern.exec(text);
    if (!match) throw new TemplateError(`unexpected "${text[end]}" in "${text.trim()}"`);
    const glued = end > 0 && /[\p{L}\p{N}_)$]/u.test(text[end - 1] as string);
    const token = tokenOf(match.groups ?? {}, glued);
    if (token) found.push(token);
    end = pattern.lastIndex;
  }
  return found;
}

function tokenOf(groups: { [name: string]: string | undefined }, glued: boolean): Token | undefined {
  const { string, raw, char, number, field, variable, word, symbol } = groups;
  if (string !== undefined) return { kind: 'literal', value: unquote(string) };
  if (raw !== undefined) return { kind: 'literal', value: raw.slice(1, -1) };
  if (char !== undefined)
    return { kind: 'literal', value: unquote(`"${char.slice(1, -1)}"`).codePointAt(0) ?? 0 };
  if (number !== undefined) return { kind: 'literal', value: Number(number) };
  if (field !== undefined) return { kind: 'field', name: field.slice(1), glued };
  if (variable !== undefined) return { kind: 'variable', name: variable.slice(1) };
  if (word !== undefined) return { kind: 'word', text: word };
  return symbol === undefined ? undefined : { kind: 'symbol', text: symbol };
}

const escapes: { readonly [letter: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** The value of a Go string literal in double quotes. */
function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/gs,
      (_, hex: string, unicode: string, letter: string) =>
        letter === undefined
          ? String.fromCodePoint(Number.parseInt(hex ?? unicode, 16))
          : (escapes[letter] ?? letter),
    );
}
