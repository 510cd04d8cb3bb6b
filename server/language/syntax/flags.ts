import { isSpace, skipSpace } from './characters.ts';
import type { LogicalLine } from './line.ts';
import { Flag } from './place.ts';

/** The flags, and where what follows them begins on the joined line. */
export interface ReadFlags {
  readonly flags: readonly Flag[];
  readonly end: number;
}

/**
 * Reads the words that begin with `--`, from `start` of a joined line. A bare `--` ends them. Quotes and escape
 * characters are resolved.
 */
export function readFlags(line: LogicalLine, start: number, escapeToken: string): ReadFlags {
  const { text } = line;
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    at = skipSpace(text, at, text.length);
    if (!text.startsWith('--', at)) return { flags, end: at };
    const raw = readFlagWord(text, at, escapeToken);
    if (raw.text === '--') return { flags, end: raw.end };
    flags.push(toFlag(line, { ...raw, start: at }));
    at = raw.end;
  }
}

function readFlagWord(text: string, start: number, escapeToken: string): { text: string; end: number } {
  let result = '';
  let quote = '';
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (quote === '' && isSpace(text.charCodeAt(at))) break;
    at++;
    if (character === quote) {
      quote = '';
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
    } else if (character === escapeToken) {
      result += text[at] ?? '';
      at++;
    } else {
      result += character;
    }
  }
  return { text: result, end: Math.min(at, text.length) };
}

function toFlag(line: LogicalLine, raw: { text: string; start: number; end: number }): Flag {
  const equals = raw.text.indexOf('=');
  const written = line.text.slice(raw.start, raw.end).indexOf('=');
  const nameEnd = equals < 0 || written < 0 ? raw.end : raw.start + written;
  const name = raw.text.slice(2, equals < 0 ? undefined : equals);
  return new Flag(line.wordOf(raw.text, raw), {
    name: line.wordOf(name, { start: raw.start + 2, end: nameEnd }),
    value:
      equals < 0
        ? undefined
        : line.wordOf(raw.text.slice(equals + 1), {
            start: Math.min(nameEnd + 1, raw.end),
            end: raw.end,
          }),
  });
}
