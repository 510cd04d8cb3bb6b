import { HadolintPragmas } from '../hadolint/pragmas.ts';
import { findLine } from '../syntax/position.ts';
import type { InstructionNode, Span } from '../syntax/tree.ts';
import type { CheckResult } from './check.ts';
import { defaultConfiguration, withComments } from './configuration.ts';

/** What a finding is about, for the comments that may switch it off. */
interface Place extends Pick<Span, 'start'> {
  /** All that the fact goes by. */
  readonly names: readonly string[];
  readonly node: InstructionNode | undefined;
  /** Honours `# check=skip=` above its instruction. */
  readonly isSkippedAbove: boolean;
}

/** Which rules the comments of a file switch off: `# check=skip=A,B`, `# hadolint ignore=A,B` and its kin. */
export class Pragmas {
  readonly #result: CheckResult;
  readonly #hadolint: HadolintPragmas | undefined;

  constructor(result: CheckResult, { isHadolint }: { readonly isHadolint: boolean }) {
    this.#result = result;
    this.#hadolint = isHadolint ? HadolintPragmas.read(result.file.tree) : undefined;
  }

  silences({ names, node, start, isSkippedAbove }: Place): boolean {
    const { configuration, file } = this.#result;
    if (isSkipped(names, configuration)) return true;
    const comments = isSkippedAbove ? (node?.comments ?? []) : [];
    if (comments.length > 0 && isSkipped(names, withComments(defaultConfiguration, comments))) return true;
    return this.#hadolint?.silences(names, node?.line ?? findLine(file.tree, start)) ?? false;
  }
}

function isSkipped(
  names: readonly string[],
  { skip }: { readonly skip: 'all' | ReadonlySet<string> },
): boolean {
  return skip === 'all' || names.some(name => skip.has(name));
}
