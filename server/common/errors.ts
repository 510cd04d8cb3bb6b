/**
 * Every failure that a user can meet carries one of these codes. The list is part of the protocol
 * (`server/protocol/errors.ts` holds the same words; `server/handlers` does not compile when they part).
 */
export type ErrorCode =
  | 'invalid-argument' // the request itself is wrong: a bad name, flag, reference or combination
  | 'dockerfile-invalid' // the Dockerfile does not parse or plan
  | 'build-failed' // an instruction ran and failed
  | 'not-found' // no such image, container, volume, network, file
  | 'conflict' // a name, tag or object is in use
  | 'not-running'
  | 'already-running'
  | 'port-in-use'
  | 'image-invalid' // an archive, manifest, config or digest is not what it says
  | 'registry-unreachable'
  | 'registry-refused' // the registry answered with an error
  | 'unauthorized'
  | 'disk-full'
  | 'limit-unenforceable' // the host cannot enforce a limit that was asked for
  | 'unsupported' // this host or this build of Sampan cannot do it; the hint says why
  | 'isolation-unavailable' // user namespaces, overlay or the helper are missing
  | 'command-not-found' // the main process's executable does not exist: exit code 127
  | 'command-not-executable' // exit code 126
  | 'start-failed' // the container could not be set up; `detail.step` says where
  | 'helper-lost' // the native helper ended unexpectedly
  | 'store-corrupt'
  | 'version-mismatch'
  | 'cancelled'
  | 'internal';

/** Facts about a failure, for programs; `message` has the sentence for people. */
export type ErrorDetail = { readonly [key: string]: string | number | boolean | readonly string[] };

/**
 * A failure with a stable code. `message` says what failed, on what and why in one sentence without a
 * stack trace; `hint` says what to do next.
 */
export class SampanError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly detail: ErrorDetail;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; detail?: ErrorDetail; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SampanError';
    this.code = code;
    this.hint = options.hint;
    this.detail = options.detail ?? {};
  }
}

/** True for a {@link SampanError}, with `code` narrowed when one is given. */
export function isSampanError(error: unknown, code?: ErrorCode): error is SampanError {
  return error instanceof SampanError && (code === undefined || error.code === code);
}

/** An impossible state: a defect in Sampan, never a user's mistake. */
export function bug(what: string): never {
  throw new SampanError('internal', `Sampan met a state that should be impossible: ${what}.`, {
    hint: 'Please report this with the log of the server (SAMPAN_LOG=debug).',
  });
}
