import { SampanError } from '../../common/errors.ts';

/** What a name answers that was listed as something else a moment ago. */
const swapped = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'];

/**
 * A failure to look through or read the context `directory`, as an error that says what to do: no such folder, a file
 * that was changed meanwhile, one that may not be read. Other errors as they are.
 */
export function contextFailure(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || error instanceof SampanError) return error;
  const { code = '', path = directory } = error as NodeJS.ErrnoException;
  if (path === directory && (code === 'ENOENT' || code === 'ENOTDIR')) {
    return new SampanError('not-found', `The build context ${directory} is not a folder.`, {
      hint: 'Give the folder whose files COPY and ADD shall see.',
      detail: { path: directory },
      cause: error,
    });
  }
  if (swapped.includes(code)) {
    return new SampanError(
      'conflict',
      `The build context changed while it was read: ${path} is not what it was.`,
      {
        hint: 'Build again when nothing changes the files.',
        detail: { path },
        cause: error,
      },
    );
  }
  if (code !== 'EACCES') return error;
  return new SampanError(
    'invalid-argument',
    `The build context cannot be read: permission denied for ${path}.`,
    { hint: 'Make it readable, or leave it out with .dockerignore.', detail: { path }, cause: error },
  );
}
