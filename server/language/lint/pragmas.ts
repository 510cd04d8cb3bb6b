import type { Dockerfile } from '../instructions/types.ts';
import { defaultConfiguration, type LintConfiguration, withComments } from './configuration.ts';

/** Which rules comments switch off. */
export interface Pragmas {
  silences(names: readonly string[]): boolean;
}

/** Those above an instruction: `# check=skip=A,B` and, unless it is switched off, `# hadolint ignore=A,B`. */
export function pragmasAbove(
  comments: readonly string[],
  { isCheck, isHadolint }: { readonly isCheck: boolean; readonly isHadolint: boolean },
): Pragmas | undefined {
  if (comments.length === 0) return undefined;
  const { skip } = isCheck ? withComments(defaultConfiguration, comments) : defaultConfiguration;
  return new NamedPragmas(skip, isHadolint ? hadolintNames(comments, ignorePragma) : []);
}

/** Those of the whole file: the check directive and `# hadolint global ignore=A,B` in any comment. */
export function pragmasOfFile(
  { tree }: Dockerfile,
  options: { readonly check: LintConfiguration; readonly isHadolint: boolean },
): Pragmas {
  const { skip } = options.check;
  if (!options.isHadolint || !/hadolint\s+global/.test(tree.text)) return new NamedPragmas(skip, []);
  const comments = tree.elements
    .filter(({ kind }) => kind === 'comment')
    .map(({ start, end }) => tree.text.slice(start + 1, end));
  return new NamedPragmas(skip, hadolintNames(comments, globalPragma));
}

// hadolint's README, "Inline ignores" and "Global ignores".
const ignorePragma = /^\s*hadolint\s+ignore\s*=\s*([\w\s,]+)/;
const globalPragma = /^\s*hadolint\s+global\s+ignore\s*=\s*([\w\s,]+)/;

function hadolintNames(comments: readonly string[], pragma: RegExp): string[] {
  return comments.flatMap(comment => {
    const list = pragma.exec(comment)?.[1];
    return list === undefined ? [] : list.split(',').map(name => name.trim().split(/\s/)[0] ?? '');
  });
}

class NamedPragmas implements Pragmas {
  readonly #skip: 'all' | ReadonlySet<string>;
  readonly #ignored: readonly string[];

  constructor(skip: 'all' | ReadonlySet<string>, ignored: readonly string[]) {
    this.#skip = skip;
    this.#ignored = ignored;
  }

  silences(names: readonly string[]): boolean {
    const skip = this.#skip;
    return skip === 'all' || names.some(name => skip.has(name) || this.#ignored.includes(name));
  }
}
