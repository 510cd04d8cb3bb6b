import { posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';
import { BadPattern, globMatch } from './glob.ts';

/**
 * Patterns of a `.dockerignore` and of `--exclude`, with the meaning of moby/patternmatcher: the last
 * matching pattern wins, `!` takes back, a pattern that matches a folder matches all below it, `**`
 * crosses folders.
 */
export class IgnoreMatcher {
  readonly #patterns: readonly Pattern[];
  /** Some pattern begins with `!`, so that an excluded folder must still be looked through. */
  readonly hasExceptions: boolean;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(compilePattern);
    this.hasExceptions = this.#patterns.some(pattern => pattern.negated);
  }

  get empty(): boolean {
    return this.#patterns.length === 0;
  }

  /**
   * Whether `path` (relative, clean, `/`-separated) is excluded. `parent` is the state of its folder as
   * returned for that; absent at the top.
   */
  match(path: string, parent?: IgnoreState): IgnoreState {
    let excluded = false;
    let deciding = -1;
    const matched = new Array<boolean>(this.#patterns.length);
    for (let i = 0; i < this.#patterns.length; i++) {
      const pattern = this.#patterns[i] as Pattern;
      matched[i] = parent?.matched[i] === true || pattern.test(path);
      if (!matched[i]) continue;
      excluded = !pattern.negated;
      deciding = i;
    }
    return { excluded, deciding, matched };
  }

  /** Like {@link match}, for a path alone: looks at all its folders. */
  matchPath(path: string): IgnoreState {
    let state: IgnoreState | undefined;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      state = this.match(path.slice(0, at), state);
    }
    return this.match(path, state);
  }
}

/** What the patterns say of one path; hand it to the children's `match`. */
export interface IgnoreState {
  readonly excluded: boolean;
  /** Index of the pattern that decided; -1 when none matched. */
  readonly deciding: number;
  readonly matched: readonly boolean[];
}

interface Pattern {
  readonly negated: boolean;
  readonly test: (path: string) => boolean;
}

/**
 * The patterns in the text of an ignore file (moby/patternmatcher, ignorefile.ReadAll): comments only
 * from the first column, blanks around a pattern dropped, cleaned, a leading `/` dropped.
 */
export function parseIgnoreFile(text: string): readonly string[] {
  const patterns: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index === 0 ? raw.replace(/^\ufeff/, '') : raw;
    if (line.startsWith('#')) continue;
    let pattern = line.trim();
    if (pattern === '') continue;
    const negated = pattern.startsWith('!');
    if (negated) pattern = pattern.slice(1).trim();
    if (pattern !== '') {
      pattern = cleanPath(pattern);
      if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);
    }
    patterns.push(negated ? `!${pattern}` : pattern);
  }
  return patterns;
}

/** Go's `filepath.Clean`: as POSIX normalize, without a trailing slash. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

function compilePattern(text: string): Pattern {
  const trimmed = text.trim();
  const negated = trimmed.startsWith('!');
  const pattern = cleanPath(negated ? trimmed.slice(1) : trimmed);
  if (negated && trimmed.length === 1) throw invalid(text, 'an exception needs a pattern after the "!"');
  try {
    globMatch(pattern, '.');
  } catch (error) {
    if (error instanceof BadPattern) throw invalid(text, error.message);
    throw error;
  }
  return { negated, test: patternTest(pattern) };
}

function invalid(pattern: string, reason: string): SampanError {
  return new SampanError('invalid-argument', `The ignore pattern "${pattern}" is not valid: ${reason}.`, {
    hint: 'Correct the pattern in the ignore file (or in --exclude); the syntax is that of Go filepath.Match plus "**".',
  });
}

/** The three short cuts and the expression of moby/patternmatcher `Pattern.compile` and `Pattern.match`. */
function patternTest(pattern: string): (path: string) => boolean {
  if (pattern.startsWith('**') && !/[*?[\]\\]/.test(pattern.slice(2))) {
    const suffix = pattern.slice(2);
    return path => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
  }
  const expression = new RegExp(`^${patternSource(pattern)}$`, 'su');
  return path => expression.test(path);
}

function patternSource(pattern: string): string {
  const chars = [...pattern];
  let source = '';
  let inClass = false;
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    if (inClass) {
      source += char === '\\' ? escapeInClass(chars[++at] ?? '\\') : char === '[' ? '\\[' : char;
      if (char === ']') inClass = false;
    } else if (char === '*' && chars[at + 1] === '*') {
      at++;
      if (chars[at + 1] === '/') at++;
      source += at + 1 >= chars.length ? '.*' : '(?:.*/)?';
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      inClass = true;
      source += '[';
    } else if (char === '\\') source += escapeLiteral(chars[++at] ?? '\\');
    else source += escapeLiteral(char);
  }
  return source;
}

function escapeInClass(char: string): string {
  return /[\^\-\]\\[]/.test(char) ? `\\${char}` : char;
}

function escapeLiteral(char: string): string {
  return /[\^$.*+?()[\]{}|\\/]/.test(char) ? `\\${char}` : char;
}
