/**
 * Go's idea of white space, which decides what a build sees. It differs from `\s`: U+0085 is in, U+FEFF is not.
 */

/** unicode.IsSpace of Go. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0x85) return false;
  if (code <= 0xa0) return code === 0x85 || code === 0xa0;
  if (code < 0x1680) return false;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** What separates words on an instruction's line: blank, tab, vertical tab, form feed, carriage return. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c || code === 0x0d;
}

/** First offset in `start..end` whose character is no space; `end` without one. */
export function skipSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Last offset in `start..end` behind which there is only space; `start` when there is nothing else. */
export function trimSpaceEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * The text as a string of its own. V8's slices hold the whole text that they are of, and a piece of a tree outlives
 * many texts when only other pieces change.
 */
export function detach(text: string): string {
  return ` ${text}`.slice(1);
}

/** strings.TrimSpace of Go. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0, text.length);
  return text.slice(start, trimSpaceEnd(text, start, text.length));
}
