import { unquote } from './quotes.ts';

const archive = /\.(?:tar|Z|bz2|gz|lz|lzma|tZ|tb2|tbz|tbz2|tgz|tlz|tpz|txz|xz)$/;

/** By its name it is an archive that ADD unpacks. */
export function isArchive(path: string): boolean {
  return archive.test(unquote(path));
}

/** What is behind the last slash of either kind. */
export function baseName(path: string): string {
  return unquote(path).replace(/^.*[/\\]/s, '');
}

/** Begins with `/`, a drive (`C:`), or a variable that may hold either. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/$]|\p{L}:)/u.test(unquote(path));
}
