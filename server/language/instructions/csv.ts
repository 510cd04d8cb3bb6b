/** Fields of one CSV line with where each is, or what is wrong. */
export type CsvFields =
  | { readonly fields: readonly CsvField[]; readonly error?: undefined }
  | { readonly error: string };

export interface CsvField {
  readonly text: string;
  /** Offset in the line, behind an opening quote. */
  readonly start: number;
}

/** Splits a line at commas; a field in double quotes may hold commas, and quotes that are doubled (RFC 4180). */
export function splitCsv(line: string): CsvFields {
  const fields: CsvField[] = [];
  let at = 0;
  for (;;) {
    const field = line[at] === '"' ? readQuoted(line, at) : readBare(line, at);
    if (typeof field === 'string') return { error: field };
    fields.push(field);
    if (field.end >= line.length) return { fields };
    at = field.end + 1;
  }
}

function readBare(line: string, start: number): (CsvField & { end: number }) | string {
  const comma = line.indexOf(',', start);
  const end = comma < 0 ? line.length : comma;
  const text = line.slice(start, end);
  const quote = text.indexOf('"');
  if (quote >= 0) return `parse error on column ${start + quote + 1}: bare " in non-quoted-field`;
  return { text, start, end };
}

function readQuoted(line: string, start: number): (CsvField & { end: number }) | string {
  let text = '';
  let at = start + 1;
  for (;;) {
    const quote = line.indexOf('"', at);
    if (quote < 0) return `parse error on column ${line.length + 1}: extraneous or missing " in quoted-field`;
    text += line.slice(at, quote);
    const next = line[quote + 1];
    if (next === undefined || next === ',') return { text, start: start + 1, end: quote + 1 };
    if (next !== '"') return `parse error on column ${quote + 1}: extraneous or missing " in quoted-field`;
    text += '"';
    at = quote + 2;
  }
}
