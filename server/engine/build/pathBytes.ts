/**
 * Paths that are not UTF-8, as text that loses nothing: in a component that does not decode, each byte above
 * 127 is a lone surrogate (U+DC00 plus the byte, as Python's "surrogateescape"). No valid name contains one,
 * so such texts can be keys, be joined and be cut like any other path.
 */
export function escapePath(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return splitBytes(buffer).map(escapeComponent).join('/');
}

/** The bytes of a path with escapes; undefined when it has none and is what it says. */
export function rawBytes(path: string): Uint8Array | undefined {
  if (!hasEscape(path)) return undefined;
  const parts = path.split('/').map(part => (hasEscape(part) ? unescapeComponent(part) : Buffer.from(part)));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('/'), part])));
}

function splitBytes(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0x2f); at !== -1; at = bytes.indexOf(0x2f, start)) {
    parts.push(bytes.subarray(start, at));
    start = at + 1;
  }
  return [...parts, bytes.subarray(start)];
}

function escapeComponent(bytes: Buffer): string {
  const text = bytes.toString();
  if (Buffer.from(text).equals(bytes)) return text;
  return Array.from(bytes, byte => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
}

/** A low surrogate without a high one before it; pairs are ordinary characters. */
function hasEscape(part: string): boolean {
  return /(?<![\ud800-\udbff])[\udc80-\udcff]/.test(part);
}

function unescapeComponent(part: string): Buffer {
  return Buffer.from(Array.from({ length: part.length }, (_, at) => part.charCodeAt(at) & 0xff));
}
