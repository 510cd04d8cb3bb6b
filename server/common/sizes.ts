const pattern = /^(\d+(?:\.\d+)?) ?([kmgtp])?(?:i?b)?$/i;
const exponents: { readonly [unit: string]: number } = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * Bytes of a size as docker reads them: a number, decimals allowed, with `b k m g t p` (and `kb`, `kib`), any
 * case, 1024-based. Undefined when the text is no size.
 */
export function parseSize(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  const unit = match[2]?.toLowerCase();
  const bytes = Math.floor(Number(match[1]) * 1024 ** (unit ? (exponents[unit] as number) : 0));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size in decimal units with at most `digits` significant digits, as `docker images` shows it: `4.26MB`. */
export function formatSize(bytes: number, digits = 3): string {
  return format(bytes, { base: 1000, units: decimalUnits, digits });
}

/** A size in binary units with four significant digits, as `docker stats` shows it: `1.944GiB`. */
export function formatBinarySize(bytes: number): string {
  return format(bytes, { base: 1024, units: binaryUnits, digits: 4 });
}

function format(
  bytes: number,
  { base, units, digits }: { base: number; units: readonly string[]; digits: number },
): string {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${Number(value.toPrecision(digits))}${units[unit]}`;
}
