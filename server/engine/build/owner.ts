import { SampanError } from '../../common/errors.ts';
import { type AccountFiles, resolveUser } from '../container/user.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * `user[:group]` of `--chown` (and the user of WORKDIR). A numeric user alone is its own group, a name
 * has the group of its passwd entry. BuildKit takes an unknown name for 0; here it is an error, as documented.
 *
 * @throws SampanError `invalid-argument`
 */
export function resolveOwner(text: string, files: AccountFiles): Owner {
  const [user = '', group] = text.split(':', 2);
  const isNumber = /^\d+$/.test(user);
  const spec = isNumber && !group ? `${user}:${user}` : text;
  try {
    const { uid, gid } = resolveUser(isNumber ? spec : trimColon(spec), files);
    return { uid: isNumber ? Number(user) : uid, gid: numericOr(group, gid) };
  } catch (error) {
    if (!(error instanceof SampanError) || files.passwd !== undefined) throw error;
    throw new SampanError(
      'invalid-argument',
      `The owner "${text}" cannot be looked up: the image has no /etc/passwd.`,
      {
        hint: 'Use numeric ids, e.g. --chown=1000:1000.',
        cause: error,
      },
    );
  }
}

/** True when no file of the image is needed to read it. */
export function isNumericOwner(text: string): boolean {
  return /^\d+(:\d+)?$/.test(text);
}

function numericOr(group: string | undefined, found: number): number {
  return group !== undefined && /^\d+$/.test(group) ? Number(group) : found;
}

function trimColon(text: string): string {
  return text.endsWith(':') ? text.slice(0, -1) : text;
}
