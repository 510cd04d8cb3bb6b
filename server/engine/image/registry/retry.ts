import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from './failures.ts';

export interface RetryPolicy {
  /** Tries in a row without success before giving up. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 5, firstDelayMs: 500, longestDelayMs: 8_000 };

/** Longest `Retry-After` that is worth waiting for; a registry that wants more is an answer for the user. */
const retryAfterMaxMs = 60_000;

/** A failure that told when to come back. */
export class RetryAfter extends Error {
  readonly delayMs: number;
  constructor(cause: Error, delayMs: number) {
    super(cause.message, { cause });
    this.delayMs = delayMs;
  }
}

/** Milliseconds of a `Retry-After` header (RFC 9110 10.2.3): seconds or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/**
 * Do `work` until it succeeds, with growing and scattered delays between transient failures. `progress`
 * gives a number that grows while `work` gets somewhere, which makes the count begin anew.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  options: {
    readonly policy: RetryPolicy;
    readonly signal: AbortSignal | undefined;
    readonly progress?: () => number;
  },
): Promise<T> {
  let failures = 0;
  let reached = options.progress?.() ?? 0;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const error = thrown instanceof RetryAfter ? thrown.cause : thrown;
      const now = options.progress?.() ?? 0;
      failures = now > reached ? 1 : failures + 1;
      reached = now;
      if (options.signal?.aborted || !isTransient(error) || failures >= options.policy.attempts) throw error;
      const delay = thrown instanceof RetryAfter ? thrown.delayMs : backoff(failures, options.policy);
      if (delay > retryAfterMaxMs) throw error;
      await sleep(delay, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}

/** Doubled each time, then scattered over its upper half so that many clients do not come back at once. */
function backoff(failures: number, policy: RetryPolicy): number {
  const full = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
  return full / 2 + (Math.random() * full) / 2;
}
