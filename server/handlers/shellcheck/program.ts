import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The path of ShellCheck: the one that settings name, else the first on PATH; undefined without one. Folders of PATH that
 * are relative are passed over: which they are depends on where the editor was started.
 */
export async function findShellcheck(
  configured: string,
  path = process.env.PATH,
): Promise<string | undefined> {
  const folders = (path ?? '').split(delimiter).filter(isAbsolute);
  const candidates = isAbsolute(configured)
    ? [configured]
    : folders.map(folder => join(folder, configured || 'shellcheck'));
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
