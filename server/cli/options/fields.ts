import { usageFailure } from '../failure.ts';
import { readBoolean } from '../flags.ts';
import { csvFields } from './csv.ts';

/** The comma-separated `key=value` fields of a flag, taken one by one. */
export interface Fields {
  take(name: string): string | undefined;
  boolean(name: string): boolean | undefined;
  takeAll(pattern: RegExp): readonly (readonly [string, string])[];
  /** Refuses what nobody took. */
  end(): void;
}

/** `what` is how messages call the flag's value: `output`, `cache`. */
export function fieldsOf(
  pairs: readonly (readonly [string, string])[],
  { what, text }: { readonly what: string; readonly text: string },
): Fields {
  const left = new Map(pairs);
  const take = (name: string) => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  return {
    take,
    boolean(name) {
      const value = take(name);
      if (value === undefined) return undefined;
      const read = readBoolean(value);
      if (read === undefined) throw usageFailure(`invalid ${what} "${text}": ${name} must be true or false`);
      return read;
    },
    takeAll(pattern) {
      const found = [...left].filter(([name]) => pattern.test(name));
      for (const [name] of found) left.delete(name);
      return found;
    },
    end() {
      const [unknown] = left.keys();
      if (unknown !== undefined) throw usageFailure(`invalid ${what} "${text}": unknown field ${unknown}`);
    },
  };
}

/** The pairs of a flag's value; keys in lower case. */
export function pairsOf(text: string, what: string): readonly (readonly [string, string])[] {
  return csvFields(text).map(field => {
    const at = field.indexOf('=');
    if (at <= 0) throw usageFailure(`invalid ${what} "${text}": "${field}" must be a key=value pair`);
    return [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)] as const;
  });
}
