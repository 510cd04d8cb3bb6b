import { SampanError } from '../../common/errors.ts';
import type { Dockerfile, InstructionNode, Problem } from '../../language/index.ts';
import type { Lines } from './planTypes.ts';

/** The instruction's lines, 1-based. */
export function linesOf(node: InstructionNode): Lines {
  return { line: node.line + 1, endLine: node.endLine + 1 };
}

/** A Dockerfile that cannot be built, with the place. */
export function dockerfileError(
  message: string,
  lines: Lines | undefined,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): SampanError {
  return new SampanError('dockerfile-invalid', message, {
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    detail: lineDetail(lines),
  });
}

/** What is wrong with a Dockerfile as an error, with the lines of the instruction. */
export function problemError(
  dockerfile: Dockerfile,
  problem: Pick<Problem, 'message' | 'start' | 'suggestion'>,
): SampanError {
  const { message, suggestion } = problem;
  const hint = suggestion ? { hint: `Did you mean ${suggestion}?` } : {};
  return dockerfileError(message, problemLines(dockerfile, problem), hint);
}

/** The lines of the instruction that a problem is in, else its own line; 1-based. */
export function problemLines({ tree }: Dockerfile, { start }: Pick<Problem, 'start'>): Lines {
  const node = tree.elements.find(
    element => element.kind === 'instruction' && element.start <= start && start <= element.end,
  );
  if (node) return { line: node.line + 1, endLine: node.endLine + 1 };
  const line = tree.lineStarts.findLastIndex(lineStart => lineStart <= start) + 1;
  return { line, endLine: line };
}

/** `detail` fields that name the lines. */
export function lineDetail(lines: Lines | undefined): { readonly [key: string]: number } {
  return lines ? { line: lines.line, endLine: lines.endLine } : {};
}

/** Run `work`; a failure without a place gets the lines of the instruction. */
export function locate<T>(lines: Lines | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw located(error, lines);
  }
}

/** The error with lines in its detail, unless it has them already or is no failure of the user's. */
export function located(error: unknown, lines: Lines | undefined): unknown {
  if (!(error instanceof SampanError) || error.code === 'cancelled') return error;
  if (error.detail.line !== undefined || !lines) return error;
  const code = error.code === 'invalid-argument' ? 'dockerfile-invalid' : error.code;
  return new SampanError(code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    detail: { ...error.detail, ...lineDetail(lines) },
    cause: error.cause ?? error,
  });
}
