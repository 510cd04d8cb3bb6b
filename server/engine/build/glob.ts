/**
 * Go's `filepath.Match` on Unix (pkg.go.dev/path/filepath#Match), the rule of COPY and ADD sources:
 * `*` and `?` stop at `/`, `[a-z]`, `[^a]`, `\` escapes. The whole name must match.
 *
 * @throws {@link BadPattern} when the pattern is malformed.
 */
export function globMatch(pattern: string, name: string): boolean {
  return globRegExp(pattern).test(name);
}

/** A malformed pattern, e.g. `[a`. */
export class BadPattern extends Error {
  constructor(pattern: string) {
    super(`syntax error in pattern: ${pattern}`);
    this.name = 'BadPattern';
  }
}

const compiled = new Map<string, RegExp>();
const compiledMax = 500;

function globRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = compile(pattern);
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/** True when `*`, `?` or `[` appears unescaped: only then is a source a pattern and not a name. */
export function hasGlob(text: string): boolean {
  return /^(?:[^\\*?[]|\\.)*[*?[]/s.test(text);
}

function compile(pattern: string): RegExp {
  const chars = [...pattern];
  let source = '';
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const group = readClass(chars, at + 1, pattern);
      source += group.source;
      at = group.end;
    } else if (char === '\\') {
      at++;
      if (at >= chars.length) throw new BadPattern(pattern);
      source += literal(chars[at] as string);
    } else source += literal(char);
  }
  return new RegExp(`^${source}$`, 'su');
}

/** The class that starts behind `[`; `end` is the index of its `]`. Ranges as in Go: at least one, `lo-hi` inclusive. */
function readClass(
  chars: readonly string[],
  start: number,
  pattern: string,
): { readonly source: string; readonly end: number } {
  let at = start;
  const negated = chars[at] === '^';
  if (negated) at++;
  let body = '';
  for (let count = 0; ; count++) {
    if (chars[at] === ']' && count > 0) break;
    const low = readClassChar(chars, at, pattern);
    at = low.next;
    let high = low.char;
    if (chars[at] === '-') {
      const end = readClassChar(chars, at + 1, pattern);
      high = end.char;
      at = end.next;
    }
    if (low.char <= high) body += `${classLiteral(low.char)}-${classLiteral(high)}`;
  }
  if (negated) return { source: `(?!/)[^${body}]`, end: at };
  return { source: body === '' ? '(?!)' : `(?!/)[${body}]`, end: at };
}

function readClassChar(
  chars: readonly string[],
  at: number,
  pattern: string,
): { readonly char: string; readonly next: number } {
  const char = chars[at];
  if (char === undefined || char === '-' || char === ']') throw new BadPattern(pattern);
  if (char !== '\\') return { char, next: at + 1 };
  const escaped = chars[at + 1];
  if (escaped === undefined) throw new BadPattern(pattern);
  return { char: escaped, next: at + 2 };
}

function literal(char: string): string {
  return /[\^$.*+?()[\]{}|\\/]/.test(char) ? `\\${char}` : char;
}

function classLiteral(char: string): string {
  return /[\^\-\]\\[]/.test(char) ? `\\${char}` : char;
}
