import { SampanError } from '../../common/errors.ts';

/** The errors of file requests that are found before the kernel is asked, with the errno that it would have. */

export function missingFile(path: string): SampanError {
  return new SampanError('not-found', `There is no file ${path}.`, { detail: { path, errno: 'ENOENT' } });
}

export function noDirectory(path: string): SampanError {
  return new SampanError('conflict', `${path} is not a directory.`, {
    hint: 'Name a directory.',
    detail: { path, errno: 'ENOTDIR' },
  });
}

export function alreadyThere(path: string): SampanError {
  return new SampanError('conflict', `${path} is there already.`, {
    hint: 'Choose another name.',
    detail: { path, errno: 'EEXIST' },
  });
}

export function intoItself(path: string): SampanError {
  return new SampanError('invalid-argument', `${path} cannot go into itself.`, {
    hint: 'Choose a place outside.',
    detail: { path, errno: 'EINVAL' },
  });
}
