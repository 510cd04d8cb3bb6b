import { isSampanError, SampanError } from '../../common/errors.ts';

/** Throws `cancelled` when the signal is aborted. `what` is a gerund: `Pulling busybox`. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw cancelled(what);
}

/** `error`, or `cancelled` when it only tells that the signal was aborted. */
export function asCancelled(
  error: unknown,
  { signal, what }: { readonly signal: AbortSignal | undefined; readonly what: string },
): unknown {
  return signal?.aborted && !isSampanError(error) ? cancelled(what) : error;
}

function cancelled(what: string): SampanError {
  return new SampanError('cancelled', `${what} was cancelled.`);
}
