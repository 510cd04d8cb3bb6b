import { type ErrorCode, SampanError } from '../../common/errors.ts';
import { HelperError } from './wire.ts';

interface Explanation {
  readonly code: ErrorCode;
  readonly hint?: string;
}

const diskFull: Explanation = {
  code: 'disk-full',
  hint: 'Free some space, for example with `sampan image prune`, and try again.',
};

const notMapped: Explanation = {
  code: 'unsupported',
  hint: 'Give this user more sub-ids in /etc/subuid and /etc/subgid (65536 are usual), stop the containers and try again.',
};

/** What a failed step means to the caller, by errno; `step errno` goes before `errno`. */
const explanations: { readonly [what: string]: Explanation | undefined } = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EBADMSG: {
    code: 'image-invalid',
    hint: 'Fetch or export the archive again: this copy is damaged or not a tar.',
  },
  'chown EINVAL': notMapped,
  'mknod EPERM': {
    code: 'unsupported',
    hint: 'Device nodes can only be created by root: leave the file out, or build as root.',
  },
  'read EINVAL': { code: 'image-invalid' },
  'read EFBIG': { code: 'image-invalid' },
  'open ELOOP': { code: 'image-invalid' },
  'rootfs ENODEV': {
    code: 'isolation-unavailable',
    hint: 'The kernel has no overlay file system: load the module `overlay`.',
  },
  'rootfs EPERM': {
    code: 'isolation-unavailable',
    hint: 'The kernel lets this user mount no overlay: Linux 5.11 or newer with user namespaces is needed.',
  },
  'rootfs EINVAL': {
    code: 'isolation-unavailable',
    hint: 'The file system of SAMPAN_ROOT may not carry overlays (it needs extended attributes): choose a folder on ext4, xfs or btrfs.',
  },
  'request EPROTO': {
    code: 'version-mismatch',
    hint: 'The helper that runs is of another version: stop the containers, or wait until it leaves, and try again.',
  },
  ESTALE: { code: 'conflict', hint: 'Try again when nothing changes the files.' },
  EACCES: {
    code: 'invalid-argument',
    hint: 'Make the file readable for this user, or leave it out with a .dockerignore file.',
  },
  ENOENT: { code: 'not-found' },
  EEXIST: { code: 'conflict', hint: 'Choose another name, or remove what has it first.' },
  ENOTEMPTY: { code: 'conflict', hint: 'Remove what is in the directory first.' },
  EBUSY: { code: 'conflict', hint: 'It is a mount, or the root itself: change what is in it instead.' },
  EROFS: { code: 'invalid-argument', hint: 'Choose a place that is not read-only, such as a volume.' },
  'watch ENOSPC': {
    code: 'unsupported',
    hint: 'Raise the limit of watches: sysctl fs.inotify.max_user_watches=524288',
  },
  EISDIR: { code: 'conflict', hint: 'Remove the directory first, or choose another target.' },
  ENOTDIR: { code: 'conflict', hint: 'Remove the file that is in the way first, or choose another target.' },
};

/** A helper's report as the engine's error, with `step`, `path` and `errno` in its detail; other errors as they are. */
export function explainFsFailure(what: string, error: unknown): unknown {
  if (!(error instanceof HelperError)) return error;
  const explanation = explanations[`${error.step} ${error.errno}`] ?? explanations[error.errno];
  return new SampanError(explanation?.code ?? 'internal', `Could not ${what}: ${error.message}.`, {
    ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }),
    detail: { step: error.step, path: error.path, errno: error.errno },
    cause: error,
  });
}
