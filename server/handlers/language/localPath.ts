import { fileURLToPath } from 'node:url';

/** The path of a `file:` URI of this machine; a host in it, or another scheme, has none. */
export function localPath(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
