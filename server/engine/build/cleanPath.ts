import { posix } from 'node:path';

/** Go's `filepath.Clean`: as POSIX normalize, without a trailing slash. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}
