import { SampanError } from '../../common/errors.ts';
import { located } from './planError.ts';
import type { PlanNode } from './planTypes.ts';
import { SourceMissing } from './sources.ts';

/** A failure of a step as the error of the build: with the lines of its instruction. */
export function stepFailure(error: unknown, node: PlanNode): unknown {
  if (error instanceof SourceMissing) return located(sourceMissing(error.source), node.lines);
  if (!(error instanceof SampanError)) return error;
  const asBuild = new Set([
    'not-found',
    'conflict',
    'invalid-argument',
    'command-not-found',
    'command-not-executable',
    'start-failed',
    'image-invalid',
  ]);
  if (!asBuild.has(error.code)) return located(error, node.lines);
  const failed = new SampanError('build-failed', error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    detail: error.detail,
    cause: error,
  });
  return located(failed, node.lines);
}

function sourceMissing(source: string): SampanError {
  const path = source.startsWith('/') ? source : `/${source}`;
  return new SampanError('not-found', `"${path}": not found.`, {
    hint: 'Check the name, the build context and its .dockerignore (for --from: the files of that stage or image).',
    detail: { path },
  });
}

/** Stop when the build is cancelled. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

export function cancelled(): SampanError {
  return new SampanError('cancelled', 'The build was cancelled.');
}
