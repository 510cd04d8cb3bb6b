import { SampanError } from '../../common/errors.ts';
import type { Healthcheck, RunConfig } from '../image/types.ts';
import type { HealthCheckSpec } from '../runtime/types.ts';
import { type Check, SchemaError } from '../store/schema.ts';

/** `health.json` in the runtime folder, written by the monitor alone (native/init/health.c). */
export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  /** Failures in a row. */
  readonly failingStreak: number;
  /** The last five checks, the newest last. */
  readonly log: readonly HealthResult[];
}

export interface HealthResult {
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
  /** -1: it could not be run, or took too long. */
  readonly exitCode: number;
  /** At most 4096 bytes. */
  readonly output: string;
}

export const healthState: Check<HealthState> = value => {
  const state = value as HealthState | null;
  if (typeof state?.status === 'string' && Array.isArray(state.log)) return state;
  throw new SchemaError('status or log is missing');
};

/** Nanoseconds in a millisecond, the shortest time that docker takes. */
const millisecond = 1e6;
const second = 1000 * millisecond;
/** Docker's (moby: daemon/health.go). */
const defaults = {
  interval: 30 * second,
  timeout: 30 * second,
  startPeriod: 0,
  startInterval: 5 * second,
  retries: 3,
};

/**
 * Docker's merge (moby: daemon/commit.go): what options say wins field by field; a test of `NONE` switches the image's off.
 *
 * @throws SampanError `invalid-argument`
 */
export function mergeHealth(
  image: Healthcheck | undefined,
  given: Healthcheck | undefined,
): Healthcheck | undefined {
  checkTimes(given ?? {});
  const set = Object.entries(given ?? {}).filter(([key, value]) =>
    key === 'Test' ? value.length > 0 : value > 0,
  );
  const merged = { ...image, ...Object.fromEntries(set) };
  return Object.keys(merged).length > 0 ? merged : undefined;
}

function checkTimes(given: Healthcheck): void {
  const names = {
    Interval: 'interval',
    Timeout: 'timeout',
    StartPeriod: 'start period',
    StartInterval: 'start interval',
  };
  for (const [key, name] of Object.entries(names)) {
    const time = given[key as keyof typeof names];
    if (time === undefined || time === 0) continue;
    if (time < millisecond)
      throw new SampanError('invalid-argument', `The ${name} of a health check cannot be less than 1ms.`, {
        hint: 'Use a duration like 30s.',
      });
  }
  if ((given.Retries ?? 0) < 0)
    throw new SampanError('invalid-argument', 'The retries of a health check cannot be negative.');
}

/** What the monitor runs; undefined without a test. */
export function healthSpec(config: RunConfig): HealthCheckSpec | undefined {
  const check = config.Healthcheck ?? {};
  const [kind, ...words] = check.Test ?? [];
  if ((kind !== 'CMD' && kind !== 'CMD-SHELL') || words.length === 0) return undefined;
  const shell = config.Shell && config.Shell.length > 0 ? config.Shell : ['/bin/sh', '-c'];
  const milliseconds = (time: number | undefined, otherwise: number) =>
    Math.ceil((time || otherwise) / millisecond);
  return {
    args: kind === 'CMD' ? words : [...shell, words[0] as string],
    interval: milliseconds(check.Interval, defaults.interval),
    timeout: milliseconds(check.Timeout, defaults.timeout),
    startPeriod: milliseconds(check.StartPeriod, defaults.startPeriod),
    startInterval: milliseconds(check.StartInterval, defaults.startInterval),
    retries: check.Retries || defaults.retries,
  };
}
