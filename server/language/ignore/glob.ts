/**
 * One pattern of an ignore file, as github.com/moby/patternmatcher reads it: filepath.Match of Go, and `**`,
 * which spans folders.
 */
export interface Glob {
  /** True when the pattern matches the whole of a slash-separated path. */
  matches(path: string): boolean;
}

/** What is wrong with a pattern; undefined when it is well-formed (filepath.ErrBadPattern of Go). */
export function globProblem(pattern: string): string | undefined {
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === '\\') {
      at++;
      if (at >= characters.length) return 'a backslash at the end escapes nothing';
    } else if (characters[at] === '[') {
      const read = readClass(characters, at);
      if (typeof read === 'string') return read;
      at = read.end - 1;
    }
  }
  return undefined;
}

/** Compiles a pattern that {@link globProblem} accepts. */
export function compileGlob(pattern: string): Glob {
  if (!special.test(pattern)) return { matches: path => path === pattern };
  const body = pattern.slice(2);
  if (pattern.startsWith('**') && !special.test(body)) {
    // `**foo` is what ends with foo, `**/foo` is foo or what ends with /foo.
    return { matches: path => path.endsWith(body) || `/${path}` === body };
  }
  const prefix = pattern.slice(0, -2);
  if (pattern.endsWith('**') && !special.test(prefix)) return { matches: path => path.startsWith(prefix) };
  const expression = new RegExp(`^(?:${toExpression(pattern)})$`, 'su');
  return { matches: path => expression.test(path) };
}

const special = /[*?[\]\\]/;

function toExpression(pattern: string): string {
  const characters = Array.from(pattern);
  let expression = '';
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === '*' && characters[at + 1] === '*') {
      at++;
      if (characters[at + 1] === '/') at++;
      expression += at + 1 >= characters.length ? '.*' : '(?:.*/)?';
    } else if (character === '*') {
      expression += '[^/]*';
    } else if (character === '?') {
      expression += '[^/]';
    } else if (character === '\\') {
      at++;
      expression += escaped(characters[at] ?? '');
    } else if (character === '[') {
      const read = readClass(characters, at);
      if (typeof read === 'string') return '(?!)';
      expression += read.expression;
      at = read.end - 1;
    } else {
      expression += literal(character);
    }
  }
  return expression;
}

// moby hands an escaped letter or digit on to Go's regexp, where some mean a class or a boundary.
function escaped(character: string): string {
  if (/[bBdDwW]/.test(character)) return `\\${character}`;
  if (character === 's') return '[\\t\\n\\f\\r ]';
  if (character === 'S') return '[^\\t\\n\\f\\r ]';
  return literal(character);
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Reads `[...]` from its bracket: the expression and the index behind it, or what is wrong. */
function readClass(
  characters: readonly string[],
  start: number,
): { expression: string; end: number } | string {
  let at = start + 1;
  let members = '';
  const negated = characters[at] === '^';
  if (negated) at++;
  const member = (): string | undefined => {
    if (characters[at] === '\\') at++;
    else if (characters[at] === '-' || characters[at] === ']') return undefined;
    const character = characters[at];
    at++;
    return character;
  };
  do {
    const low = member();
    let high = low;
    if (characters[at] === '-') {
      at++;
      high = member();
    }
    if (low === undefined || high === undefined || at >= characters.length) {
      return 'a class in brackets is not complete';
    }
    const isOrdered = (low.codePointAt(0) ?? 0) <= (high.codePointAt(0) ?? 0);
    if (isOrdered) members += low === high ? literal(low) : `${literal(low)}-${literal(high)}`;
  } while (characters[at] !== ']');
  return { expression: negated ? `[^${members}]` : `[${members}]`, end: at + 1 };
}
