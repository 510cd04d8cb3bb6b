import { type ErrorData, sampanErrorNumber } from '../server/protocol/errors.ts';

/** What went wrong, in words for people, and the server's code for it when the server said it. */
export interface Failure {
  readonly message: string;
  readonly hint?: string;
  readonly code?: ErrorData['code'];
  readonly detail: ErrorData['detail'];
}

/** JSON-RPC's RequestCancelled (LSP 3.17, ErrorCodes). */
const requestCancelled = -32800;

/** The failure inside anything that was thrown. */
export function toFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const data = errorData(error);
  if (data === undefined) return { message, detail: {} };
  const { code, detail, hint } = data;
  return { message, code, detail, ...(hint === undefined ? {} : { hint }) };
}

/** One text: the sentence, then what to do next. */
export function failureText(failure: Failure): string {
  return failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
}

/** True when the failure is what the user asked for: a cancelled request. */
export function isCancelled(error: unknown): boolean {
  if (errorNumber(error) === requestCancelled || errorData(error)?.code === 'cancelled') return true;
  // vscode.CancellationError, told by its name so that this file needs no editor.
  return error instanceof Error && error.name === 'Canceled';
}

function errorNumber(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

function errorData(error: unknown): ErrorData | undefined {
  if (errorNumber(error) !== sampanErrorNumber) return undefined;
  return (error as { data?: ErrorData }).data;
}
