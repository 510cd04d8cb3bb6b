import type { ShellWord, WordPart } from './grammar.ts';

/**
 * What a word is when the script runs, quotes removed; undefined when that is known only then, because of a variable,
 * a substitution, a glob or braces.
 */
export function staticValue(word: Pick<ShellWord, 'value' | 'parts'>): string | undefined {
  return word.parts?.every(isStatic) === false ? undefined : word.value;
}

/** True when a part of the word is within quotes. */
export function isQuoted(word: Pick<ShellWord, 'parts'>): boolean {
  return word.parts?.some(({ type }) => quotes.has(type)) ?? false;
}

const quotes: ReadonlySet<WordPart['type']> = new Set([
  'SingleQuoted',
  'DoubleQuoted',
  'AnsiCQuoted',
  'LocaleString',
]);

function isStatic(part: WordPart): boolean {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return true;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.every(isStatic);
    default:
      return false;
  }
}
