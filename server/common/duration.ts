const nanoseconds: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ns: 1,
    us: 1e3,
    // Both micro signs: U+00B5 and Greek mu.
    '\u00b5s': 1e3,
    '\u03bcs': 1e3,
    ms: 1e6,
    s: 1e9,
    m: 60e9,
    h: 3600e9,
  }),
);

/** Nanoseconds, or what is wrong. */
export type Duration =
  | { readonly nanoseconds: number; readonly error?: undefined }
  | { readonly error: string };

/** Reads a duration as Go's time.ParseDuration does: `1m30s`, `1.5h`, `-2ms`, `0`. */
export function parseDuration(text: string): Duration {
  const quoted = JSON.stringify(text);
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return { nanoseconds: 0 };
  if (unsigned === '') return { error: `time: invalid duration ${quoted}` };
  let total = 0;
  let rest = unsigned;
  while (rest !== '') {
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return { error: `time: invalid duration ${quoted}` };
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return { error: `time: missing unit in duration ${quoted}` };
    const factor = nanoseconds.get(unit);
    if (factor === undefined) {
      return { error: `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}` };
    }
    total += Number(number) * factor;
    rest = rest.slice(unit.length);
  }
  // Go counts in 63 bits.
  if (total >= 2 ** 63) return { error: `time: invalid duration ${quoted}` };
  return { nanoseconds: Math.floor(text.startsWith('-') ? -total : total) };
}
