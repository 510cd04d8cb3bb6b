/** Go's idea of a true value in a template: not false, zero, nil or empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** How Go's fmt prints it with %v: `[a b]`, `map[k:v]`, `<no value>` for nothing. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  return showInside(value);
}

function showInside(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(showInside).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${showInside(item)}`).join(' ')}]`;
}
