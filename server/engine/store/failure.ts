import { isSampanError, SampanError } from '../../common/errors.ts';

/**
 * A failed file operation as an error that says what to do: a full disk, a missing permission, a
 * read-only file system, a file in a folder's place. Errors that are typed already, and all others, come back as they are.
 */
export function fileFailure(error: unknown, what: string): unknown {
  if (isSampanError(error) || !(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  const detail = { errno: code ?? '', path: path ?? '' };
  const place = path === undefined ? '' : ` (${path})`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SampanError('disk-full', `${what} failed: no space is left on the disk${place}.`, {
      hint: 'Free some space, or remove images and containers that are not needed (sampan rm, sampan rmi).',
      detail,
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const why = code === 'EROFS' ? 'the file system is read-only' : 'permission was denied';
    return new SampanError('unsupported', `${what} failed: ${why}${place}.`, {
      hint: 'Choose a folder that this user may write with the environment variable SAMPAN_ROOT.',
      detail,
      cause: error,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new SampanError('unsupported', `${what} failed: a file is where a folder has to be${place}.`, {
      hint: 'Move the file away, or choose another folder with the environment variable SAMPAN_ROOT.',
      detail,
      cause: error,
    });
  }
  return error;
}

/** True for a Node.js system error with this code (`ENOENT`). */
export function hasErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
