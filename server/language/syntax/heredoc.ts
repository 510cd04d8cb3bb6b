import { isSampanError } from '../../common/errors.ts';
import { processWords } from '../shell/word.ts';
import type { LogicalLine } from './line.ts';
import type { Heredoc, Span } from './tree.ts';

/** A heredoc word without its body. */
export type HeredocMarker = Omit<Heredoc, 'content' | 'body' | 'terminator'>;

const pattern = /^(\d*)<<(-?)\s*([^<]*)$/;
const noVariables: ReadonlyMap<string, string> = new Map();

/** The heredoc words of a joined line, in order. Lines that do not read as shell words have none. */
export function findHeredocs(line: LogicalLine): HeredocMarker[] {
  const found: HeredocMarker[] = [];
  let at = 0;
  for (const word of splitRaw(line.text)) {
    const start = Math.max(line.text.indexOf(word, at), at);
    at = start + word.length;
    const heredoc = readHeredocWord(word);
    if (heredoc) found.push({ ...heredoc, marker: line.span(start, at) });
  }
  return found;
}

/**
 * Reads a word such as `<<-"EOF"`; undefined when it is none. Quoting any part of the name keeps the body from
 * being expanded.
 */
export function readHeredocWord(word: string): Omit<HeredocMarker, 'marker'> | undefined {
  const match = pattern.exec(word);
  const delimiter = match?.[3];
  if (!match || !delimiter) return undefined;
  const name = oneWord(delimiter, { rawQuotes: false });
  if (name === undefined) return undefined;
  const raw = oneWord(delimiter, { rawQuotes: true }) ?? name;
  return {
    name,
    fileDescriptor: Number(match[1] || 0),
    chomp: match[2] === '-',
    expand: countQuotes(name) === countQuotes(raw),
  };
}

/** True when a line is nothing but a heredoc word: its body is the command (BuildKit dispatchRun). */
export function isLoneHeredoc(line: string, heredocs: readonly unknown[]): boolean {
  return heredocs.length === 1 && readHeredocWord(line) !== undefined;
}

/** The body without the leading tabs of its lines, as `<<-` asks. */
export function chomp(content: string): string {
  return content.replace(/^\t+/gm, '');
}

/** True when `text` of a line ends the heredoc. */
export function endsHeredoc(text: string, line: Span, marker: HeredocMarker): boolean {
  let { start } = line;
  while (marker.chomp && text[start] === '\t' && start < line.end) start++;
  return line.end - start === marker.name.length && text.startsWith(marker.name, start);
}

function splitRaw(text: string): string[] {
  try {
    return processWords(text, { env: noVariables, rawQuotes: true, rawEscapes: true, skipUnsetEnv: true });
  } catch (error) {
    if (isSampanError(error)) return [];
    throw error;
  }
}

function oneWord(text: string, options: { readonly rawQuotes: boolean }): string | undefined {
  try {
    const words = processWords(text, { env: noVariables, skipUnsetEnv: true, ...options });
    return words.length === 1 ? words[0] : undefined;
  } catch (error) {
    if (isSampanError(error)) return undefined;
    throw error;
  }
}

function countQuotes(text: string): number {
  return text.split(/['"]/).length - 1;
}
