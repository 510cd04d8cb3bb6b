import { type Digest, isDigest } from '../../common/digest.ts';

/** Turns unknown JSON into a value of a type, or throws {@link SchemaError}. `at` names the place: `layers[2].size`. */
export type Check<T> = (value: unknown, at: string) => T;

/** What a {@link Check} makes. */
export type Checked<C> = C extends Check<infer T> ? T : never;

/** JSON that is not what it should be; `message` says where and why. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export const text: Check<string> = (value, at) => {
  if (typeof value === 'string') return value;
  throw new SchemaError(`${at} is not a string`);
};

/** An integer from 0 to 2^53 - 1. */
export const count: Check<number> = (value, at) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SchemaError(`${at} is not a whole number from 0`);
};

export const digest: Check<Digest> = (value, at) => {
  if (typeof value === 'string' && isDigest(value)) return value;
  throw new SchemaError(`${at} is not a sha256 digest`);
};

/** One of the given strings. */
export function oneOf<const T extends string>(...allowed: readonly T[]): Check<T> {
  return (value, at) => {
    const found = allowed.find(one => one === value);
    if (found !== undefined) return found;
    throw new SchemaError(`${at} is not one of ${allowed.join(', ')}`);
  };
}

/** Missing and `null` (which Go writes for empty) are undefined. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : check(value, at));
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new SchemaError(`${at} is not a list`);
    return value.map((one, index) => check(one, `${at}[${index}]`));
  };
}

export function mapOf<T>(check: Check<T>): Check<{ readonly [key: string]: T }> {
  return (value, at) => {
    const entries = Object.entries(fieldsOf(value, at));
    return Object.fromEntries(entries.map(([key, one]) => [key, check(one, `${at}.${key}`)]));
  };
}

/** An object with these fields; unknown ones are dropped. */
export function shape<F extends { readonly [key: string]: Check<unknown> }>(
  fields: F,
): Check<{ readonly [K in keyof F]: Checked<F[K]> }> {
  return (value, at) => {
    const given = fieldsOf(value, at);
    const result: { [key: string]: unknown } = {};
    for (const [key, check] of Object.entries(fields)) {
      result[key] = check(given[key], at === '' ? key : `${at}.${key}`);
    }
    return result as { readonly [K in keyof F]: Checked<F[K]> };
  };
}

function fieldsOf(value: unknown, at: string): { readonly [key: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as { readonly [key: string]: unknown };
  }
  throw new SchemaError(`${at === '' ? 'the document' : at} is not an object`);
}
