import { posix } from 'node:path';
import { SampanError } from '../../common/errors.ts';

/** What is copied. */
export interface CopySource {
  /** Last name of the path as it was given. */
  readonly base: string;
  readonly isDirectory: boolean;
  /** The path ended in `/.`: what the directory holds, without itself. */
  readonly contentsOnly: boolean;
}

/** What is at the destination. */
export interface CopyDestination {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Written with a `/` or `/.` at its end: it must be a directory. */
  readonly asDirectory: boolean;
  readonly existing: 'directory' | 'other' | undefined;
  readonly parentExists: boolean;
}

/** Where an archive of the source is unpacked, and the name of its top; undefined when it has no top. */
export interface CopyPlace {
  readonly directory: string;
  readonly as: string | undefined;
}

/**
 * docker's rules of `cp` (docs: reference/cli/docker/container/cp, "SRC_PATH does specify a file …").
 *
 * @throws SampanError `not-found` for a folder that is missing, `invalid-argument` for a directory onto a file
 */
export function copyPlace(source: CopySource, destination: CopyDestination): CopyPlace {
  const { path, existing } = destination;
  if (existing === 'directory') {
    return { directory: path, as: source.isDirectory && source.contentsOnly ? undefined : source.base };
  }
  if (existing === 'other') {
    if (source.isDirectory) throw refused(`A directory cannot be copied onto ${path}, which is a file.`);
    if (destination.asDirectory) throw refused(`${path} is not a directory.`);
  } else if (!destination.parentExists) throw missing(posix.dirname(path));
  else if (destination.asDirectory && !source.isDirectory) throw missing(path);
  return { directory: posix.dirname(path), as: posix.basename(path) };
}

function refused(message: string): SampanError {
  return new SampanError('invalid-argument', message, { hint: 'Name a directory, or another file name.' });
}

function missing(path: string): SampanError {
  return new SampanError('not-found', `There is no directory ${path} to copy into.`, {
    hint: 'Create it first.',
    detail: { path },
  });
}
