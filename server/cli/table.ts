import { withoutControls } from './output.ts';

/** Columns are at least so wide, their padding included, and so far apart. */
interface Spacing {
  readonly leastWidth: number;
  readonly padding: number;
}

/** docker's tabwriter settings for its listings. */
const listing: Spacing = { leastWidth: 10, padding: 3 };

/**
 * Lines of cells aligned as docker aligns its listings; the last cell of a line is not padded. A label may hold anything:
 * control characters are shown by number.
 */
export function layTable(
  unsafe: readonly (readonly string[])[],
  { leastWidth, padding }: Spacing = listing,
): string {
  const rows = unsafe.map(row => row.map(cell => withoutControls(cell)));
  const columns = Math.max(0, ...rows.map(row => row.length - 1));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      leastWidth,
      ...rows.map(row => (column < row.length - 1 ? width(row[column] ?? '') + padding : 0)),
    ),
  );
  return rows.map(row => `${layRow(row, widths)}\n`).join('');
}

function layRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
    )
    .join('');
}

function width(cell: string): number {
  return [...cell].length;
}
