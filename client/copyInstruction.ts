import { posix } from 'node:path';

/**
 * What dropping or pasting files into a Dockerfile writes: behind `COPY` or `ADD` their paths, on a line of its own a whole
 * COPY. Undefined when a file is not below the folder of the Dockerfile, which is the build context.
 *
 * @param before the line up to where it is dropped
 */
export function copyInstruction(
  files: readonly string[],
  { dockerfile, before }: { readonly dockerfile: string; readonly before: string },
): string | undefined {
  const paths = files.map(file => posix.relative(posix.dirname(dockerfile), file));
  if (paths.length === 0 || paths.some(path => path === '' || path.startsWith('..'))) return undefined;
  const hasBlank = paths.some(path => /\s/.test(path));
  if (/^\s*(?:ONBUILD\s+)?(?:COPY|ADD)\s(?:.*\s)?$/i.test(before))
    return hasBlank ? undefined : paths.join(' ');
  if (before.trim() !== '') return undefined;
  const isFolder = paths.length > 1 ? './' : undefined;
  const words = [...paths, isFolder ?? `./${posix.basename(paths[0] ?? '')}`];
  return hasBlank ? `COPY ${JSON.stringify(words)}` : `COPY ${words.join(' ')}`;
}
