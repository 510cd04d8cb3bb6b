import { SampanError } from '../../common/errors.ts';
import { trimSpace } from '../syntax/characters.ts';
import { compileGlob, type Glob, globProblem } from './glob.ts';
import { cleanPath } from './path.ts';

/** One pattern of an ignore file. */
export interface IgnoreRule {
  /** 0-based. */
  readonly line: number;
  /** Cleaned, without `!` and without a leading slash. */
  readonly pattern: string;
  /** `!pattern` brings back what earlier patterns ignore. */
  readonly isException: boolean;
  /** What is wrong with it. */
  readonly problem: string | undefined;
}

/** What is known about a path, for asking about the paths below it. */
export interface IgnoreState {
  readonly ignored: boolean;
  /** For each rule whether it matches the path or a folder above it. */
  readonly matched: readonly boolean[];
}

/** Tells which paths of a build context an ignore file leaves out. */
export interface IgnoreMatcher {
  readonly hasExceptions: boolean;
  readonly rules: readonly IgnoreRule[];
  /** True when `path`, relative to the context and with slashes, is left out. */
  ignores(path: string): boolean;
  /** As {@link ignores}; with the state of the folder that holds the path, only the path itself is compared. */
  match(path: string, parent: IgnoreState | undefined): IgnoreState;
  /** False when nothing below an ignored folder can be brought back by an exception: it need not be read. */
  mayKeepBelow(folder: string): boolean;
}

/** Reads the text of a `.dockerignore` file, line by line; wrong lines have a `problem`. */
export function parseIgnoreFile(text: string): IgnoreRule[] {
  const rules: IgnoreRule[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [line, raw] of lines.entries()) {
    const trimmed = trimSpace(raw);
    if (raw.startsWith('#') || trimmed === '') continue;
    const isException = trimmed.startsWith('!');
    const written = isException ? trimSpace(trimmed.slice(1)) : trimmed;
    const cleaned = written === '' ? '' : cleanPath(written);
    const pattern = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
    const problem = pattern === '' ? '"!" needs a pattern' : globProblem(pattern);
    rules.push({ line, pattern, isException, problem });
  }
  return rules;
}

/**
 * The matcher for the text of a `.dockerignore` file. The last rule that matches a path or a folder above it
 * decides.
 *
 * @throws SampanError `invalid-argument` for a pattern that is not well-formed
 */
export function createIgnoreMatcher(text: string): IgnoreMatcher {
  const rules = parseIgnoreFile(text);
  const wrong = rules.find(rule => rule.problem !== undefined);
  if (wrong) {
    const message = `Line ${wrong.line + 1} of the ignore file is not a pattern: ${wrong.problem}.`;
    throw new SampanError('invalid-argument', message, {
      hint: 'Patterns have *, ?, [a-z], ** and \\ to escape the character that follows.',
      detail: { line: wrong.line + 1, pattern: wrong.pattern },
    });
  }
  return new RuleMatcher(rules);
}

class RuleMatcher implements IgnoreMatcher {
  readonly rules: readonly IgnoreRule[];
  readonly hasExceptions: boolean;
  readonly #globs: readonly Glob[];
  readonly #exceptions: readonly (readonly string[])[];

  constructor(rules: readonly IgnoreRule[]) {
    this.rules = rules;
    this.#globs = rules.map(rule => compileGlob(rule.pattern));
    const exceptions = rules.filter(rule => rule.isException);
    this.hasExceptions = exceptions.length > 0;
    this.#exceptions = exceptions.map(rule => rule.pattern.split('/'));
  }

  ignores(path: string): boolean {
    let state: IgnoreState | undefined;
    for (let slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      state = this.match(path.slice(0, slash), state);
    }
    return this.match(path, state).ignored;
  }

  match(path: string, parent: IgnoreState | undefined): IgnoreState {
    const matched = this.#globs.map((glob, index) => parent?.matched[index] || glob.matches(path));
    const last = matched.lastIndexOf(true);
    return { ignored: last >= 0 && !this.rules[last]?.isException, matched };
  }

  mayKeepBelow(folder: string): boolean {
    const parts = folder.split('/');
    return this.#exceptions.some(exception => mayMatchBelow(exception, parts));
  }
}

function mayMatchBelow(exception: readonly string[], folder: readonly string[]): boolean {
  for (const [index, part] of folder.entries()) {
    const expected = exception[index];
    // The exception names a folder above: everything below it comes back.
    if (expected === undefined || expected.includes('**')) return true;
    if (!/[*?[\\]/.test(expected) && expected !== part) return false;
  }
  return true;
}
