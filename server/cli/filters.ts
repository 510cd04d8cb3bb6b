import { CliFailure } from './failure.ts';

/** `--filter key=value` by key; several values of one key are alternatives (labels: all must hold). */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Tests one object against one value of a filter. */
export type FilterTest<T> = (object: T, value: string) => boolean;

/** Throws a failure for a filter without `=` and for a key that `known` does not have. */
export function parseFilters(texts: readonly string[], known: readonly string[]): Filters {
  const filters = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 0)
      throw new CliFailure(
        `invalid argument "${text}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
        {
          exitCode: 125,
        },
      );
    const key = text.slice(0, equals).trim().toLowerCase();
    if (!known.includes(key)) {
      throw new CliFailure(`invalid filter '${key}'`, { hint: `Known filters: ${known.join(', ')}.` });
    }
    filters.set(key, [...(filters.get(key) ?? []), text.slice(equals + 1).trim()]);
  }
  return filters;
}

/** The objects that pass every filter. `tests` has one entry for each known key. */
export function filtered<T>(
  objects: readonly T[],
  options: {
    readonly texts: readonly string[];
    readonly tests: { readonly [key: string]: FilterTest<T> };
  },
): T[] {
  const filters = parseFilters(options.texts, Object.keys(options.tests));
  return objects.filter(object =>
    [...filters].every(([key, values]) => {
      const passes = (value: string) => options.tests[key]?.(object, value) ?? false;
      return key.startsWith('label') ? values.every(passes) : values.some(passes);
    }),
  );
}

/** `label` and `label=value`. */
export function hasLabel(labels: { readonly [name: string]: string }, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, wanted);
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

/** Glob of path.Match (`*` and `?` stop at `/`), as docker's reference filter. */
export function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`);
}
