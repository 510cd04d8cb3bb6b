import { skipSpace } from './characters.ts';
import type { LogicalLine } from './line.ts';
import type { Span, Word } from './tree.ts';

/** `no-array`: to be read as text; `not-strings`: an array with something else than strings, which is an error. */
export type JsonArguments = { readonly kind: 'strings'; readonly words: readonly Word[] } | JsonFailure;

interface JsonFailure {
  readonly kind: 'no-array' | 'not-strings';
}

const noArray: JsonFailure = { kind: 'no-array' };

/** Reads `span` of a joined line as the JSON form of an instruction's arguments. */
export function readJsonArguments(line: LogicalLine, span: Span): JsonArguments {
  const { text } = line;
  const start = skipSpace(text, span.start, span.end);
  if (text[start] !== '[') return noArray;
  const members = parseArray(text.slice(start, span.end));
  if (members === undefined) return noArray;
  if (!members.every(member => typeof member === 'string')) return { kind: 'not-strings' };
  return { kind: 'strings', words: locate(members, line, { start, end: span.end }) };
}

function parseArray(text: string): unknown[] | undefined {
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined;
  }
}

function locate(members: readonly string[], line: LogicalLine, span: Span): Word[] {
  const words: Word[] = [];
  let at = span.start;
  for (const member of members) {
    const open = line.text.indexOf('"', at);
    at = open + 1;
    while (line.text[at] !== '"') at += line.text[at] === '\\' ? 2 : 1;
    at++;
    words.push(line.wordOf(member, { start: open, end: at }));
  }
  return words;
}
