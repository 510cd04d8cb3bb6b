import { type ErrorCode as EngineErrorCode, SampanError } from '../common/errors.ts';
import type { ErrorCode, ErrorData } from '../protocol/errors.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Does not compile when the engine's list of codes and the protocol's part. */
export const codesAgree: Same<EngineErrorCode, ErrorCode> = true;

/** The `data` of an error response. */
export function errorData(error: SampanError): ErrorData {
  return {
    code: error.code,
    detail: error.detail,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

/**
 * Whatever was thrown, as an error with a code: an aborted call is `cancelled`, a full disk `disk-full`,
 * anything else that is not ours is a defect (`internal`).
 */
export function toSampanError(error: unknown, signal?: AbortSignal): SampanError {
  if (error instanceof SampanError) return error;
  if (signal?.aborted || (error instanceof Error && error.name === 'AbortError')) {
    return new SampanError('cancelled', 'The request was cancelled.', { cause: error });
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SampanError('disk-full', `There is no space left on the disk: ${messageOf(error)}.`, {
      hint: 'Free some space, for example with `sampan image prune`, then try again.',
      cause: error,
    });
  }
  if (code === 'ENOENT' && error instanceof Error && 'path' in error) {
    return new SampanError('store-corrupt', `${error.path} is gone.`, {
      hint: 'When it is a part of SAMPAN_ROOT, put it back from a copy, or choose another folder; when it is a part of SAMPAN_RUN, try again.',
      cause: error,
    });
  }
  return new SampanError('internal', messageOf(error), {
    hint: 'Please report this with the log of the server (SAMPAN_LOG=debug).',
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
