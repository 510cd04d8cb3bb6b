import { ResponseError } from 'vscode-jsonrpc/node';

/** LSP 3.17 ErrorCodes.RequestCancelled. */
export const requestCancelled = -32800;

/** What a client gets for a request that it has cancelled. */
export function cancelled(): ResponseError<void> {
  return new ResponseError(requestCancelled, 'The request was cancelled.');
}
