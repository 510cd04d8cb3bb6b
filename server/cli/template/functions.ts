import { TemplateError } from './error.ts';
import { isTrue, show } from './values.ts';

type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** Go's built-in functions and those that docker adds (docker/cli: templates/templates.go). */
export const functions: { readonly [name: string]: TemplateFunction } = {
  json: value => JSON.stringify(value ?? null),
  split: (text, separator) => show(text).split(show(separator)),
  join: (list, separator) => listOf(list).map(show).join(show(separator)),
  title: text => show(text).replace(/(^|\s)\p{L}/gu, letter => letter.toUpperCase()),
  lower: text => show(text).toLowerCase(),
  upper: text => show(text).toUpperCase(),
  pad: (text, before, after) =>
    show(text) === '' ? '' : ' '.repeat(Number(before)) + show(text) + ' '.repeat(Number(after)),
  truncate: (text, length) => [...show(text)].slice(0, Number(length)).join(''),
  println: (...values) => `${values.map(show).join(' ')}\n`,
  print: (...values) => values.map(show).join(''),
  printf: (format, ...values) => printf(show(format), values),
  len: length,
  index: (value, ...keys) => keys.reduce(indexOnce, value),
  slice: (value, from = 0, to = undefined) =>
    typeof value === 'string'
      ? value.slice(Number(from), to === undefined ? undefined : Number(to))
      : listOf(value).slice(Number(from), to === undefined ? undefined : Number(to)),
  not: value => !isTrue(value),
  and: (...values) => values.find(value => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  eq: (first, ...others) => others.some(other => other === first),
  ne: (a, b) => a !== b,
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
};

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${show(value)} is not a list`);
}

function length(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object') return Object.keys(value).length;
  throw new TemplateError(`error calling len: len of type ${typeof value}`);
}

/** An absent key of a map is nothing, an index outside a list an error, as in Go. */
function indexOnce(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    const at = Number(key);
    if (Number.isInteger(at) && at >= 0 && at < value.length) return value[at];
    throw new TemplateError(`error calling index: index out of range: ${show(key)}`);
  }
  if (value === undefined || value === null)
    throw new TemplateError('error calling index: index of untyped nil');
  if (typeof value !== 'object')
    throw new TemplateError(`error calling index: can't index item of type ${typeof value}`);
  const name = show(key);
  return Object.hasOwn(value, name) ? (value as { [name: string]: unknown })[name] : '';
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new TemplateError('incompatible types for comparison');
}

/** The verbs of Go's Printf that make sense for JSON values: %v %s %d %q %t %x %f %%, with width and precision. */
function printf(format: string, values: readonly unknown[]): string {
  let next = 0;
  return format.replace(
    /%(-?)(0?)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, left: string, zero: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const text =
        next < values.length ? formatOne(verb, { value: values[next++], precision }) : `%!${verb}(MISSING)`;
      if (left) return text.padEnd(Number(width));
      return text.padStart(Number(width), zero ? '0' : ' ');
    },
  );
}

function formatOne(
  verb: string,
  of: { readonly value: unknown; readonly precision: string | undefined },
): string {
  const { value, precision } = of;
  switch (verb) {
    case 'q':
      return JSON.stringify(show(value));
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(show(value)).toString('hex');
    case 'f':
      return Number(value).toFixed(Number(precision ?? 6));
    case 's':
      return precision === undefined ? show(value) : [...show(value)].slice(0, Number(precision)).join('');
    default:
      return show(value);
  }
}
