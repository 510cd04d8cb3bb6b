/** Stable codes in `data.code` of an error response. `server/handlers` checks them against the engine's list. */
export type ErrorCode =
  | 'invalid-argument'
  | 'dockerfile-invalid'
  | 'build-failed'
  | 'not-found'
  | 'conflict'
  | 'not-running'
  | 'already-running'
  | 'port-in-use'
  | 'image-invalid'
  | 'registry-unreachable'
  | 'registry-refused'
  | 'unauthorized'
  | 'disk-full'
  | 'limit-unenforceable'
  | 'unsupported'
  | 'isolation-unavailable'
  | 'command-not-found'
  | 'command-not-executable'
  | 'start-failed'
  | 'helper-lost'
  | 'store-corrupt'
  | 'version-mismatch'
  | 'cancelled'
  | 'internal';

/** `error.data` of every failed request; `error.message` is a sentence that a user can read. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly detail: { readonly [key: string]: string | number | boolean | readonly string[] };
  readonly hint?: string;
}

/** JSON-RPC error number of every `ErrorData` error (a server-defined one, JSON-RPC 2.0 section 5.1). */
export const sampanErrorNumber = -32050;
