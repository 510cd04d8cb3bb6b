import { CliFailure } from './failure.ts';
import type { Flag } from './flags.ts';
import { print } from './output.ts';
import { layTable } from './table.ts';
import { compileTemplate } from './template/evaluate.ts';

/**
 * One line of a listing: docker's field names to text (seldom yes or no), and functions that a template may call
 * (`.Label "k"`), which JSON leaves out.
 */
export type Row = { readonly [field: string]: string | boolean | ((argument: string) => string) };

/** How a listing looks: its fields' headings, and which fields the default table shows. */
export interface Layout {
  readonly headings: { readonly [field: string]: string };
  readonly columns: readonly string[];
  /** The field that `--quiet` prints. */
  readonly quiet: string;
}

export const formatFlag = {
  kind: 'string',
  help: "Format output using a custom template: 'table', 'table TEMPLATE', 'json', or TEMPLATE",
} as const satisfies Flag;

interface ListingOptions {
  readonly layout: Layout;
  readonly format: string | undefined;
  readonly quiet: boolean;
}

/** Prints rows as docker's listings do. Throws a failure for a template that does not fit. */
export function printListing(rows: readonly Row[], options: ListingOptions): Promise<void> {
  return print(listingText(rows, options));
}

/** What {@link printListing} prints. */
export function listingText(rows: readonly Row[], options: ListingOptions): string {
  const { layout, quiet } = options;
  if (quiet && options.format === undefined) return lines(rows.map(row => cell(row, layout.quiet)));
  const format = options.format ?? 'table';
  if (format === 'table') return table(rows, layout);
  if (format.startsWith('table ')) return customTable(rows, { layout, source: format.slice(6) });
  if (format === 'json') return lines(rows.map(rowJson));
  const template = applied(format);
  return lines(rows.map(row => template(printable(row))));
}

/** A template that was given on the command line. Throws a failure that says so. */
export function applied(source: string): (value: unknown) => string {
  const guard = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'TemplateError') throw error;
      throw new CliFailure(`template parsing error: ${error.message}: ${source}`, {
        hint: "See 'https://pkg.go.dev/text/template' for the language of --format.",
      });
    }
  };
  const template = guard(() => compileTemplate(withControls(source)));
  return value => guard(() => template(value));
}

/** docker reads `\t` and `\n` in a template as tab and new line. */
function withControls(source: string): string {
  return source.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function table(rows: readonly Row[], { columns, headings }: Layout): string {
  const head = columns.map(column => headings[column] ?? column);
  return layTable([head, ...rows.map(row => columns.map(column => cell(row, column)))]);
}

function customTable(
  rows: readonly Row[],
  options: { readonly layout: Layout; readonly source: string },
): string {
  const template = applied(options.source.trim());
  const heads = { ...options.layout.headings, Label: (name: string) => name };
  const texts = [template(heads), ...rows.map(row => template(printable(row)))];
  return layTable(texts.map(text => text.split('\t')));
}

function cell(row: Row, field: string): string {
  const value = row[field];
  return typeof value === 'string' ? value : '';
}

/** The row as a template sees it; `{{json .}}` leaves functions out and sorts the keys, as docker does. */
function printable(row: Row): object {
  return Object.defineProperty({ ...row }, 'toJSON', { value: () => sorted(row), enumerable: false });
}

function rowJson(row: Row): string {
  return JSON.stringify(sorted(row));
}

function sorted(row: Row): object {
  const facts = Object.entries(row).filter(([, value]) => typeof value !== 'function');
  return Object.fromEntries(facts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function lines(texts: readonly string[]): string {
  return texts.map(text => `${text}\n`).join('');
}
