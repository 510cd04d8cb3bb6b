import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { sampanErrorNumber } from '../protocol/errors.ts';
import type { RequestMethod } from '../protocol/methods.ts';
import { errorData, toSampanError } from './errors.ts';
import { handlers } from './methods.ts';
import type { Session } from './session.ts';

/** Puts a session behind JSON-RPC: `$/cancelRequest` aborts, errors carry `ErrorData`. */
export function serveSession(connection: MessageConnection, session: Session): void {
  const methods = ['sampan/hello', ...Object.keys(handlers)] as readonly RequestMethod[];
  for (const method of methods) {
    connection.onRequest<object, unknown>(
      method,
      async (params: object | undefined, token: CancellationToken): Promise<object> => {
        const { signal, dispose } = toSignal(token);
        try {
          // The pairing of method and parameters is the client's; the session's types begin here.
          return await session.handle(method, (params ?? {}) as never, signal);
        } catch (error) {
          const failure = toSampanError(error, signal);
          throw new ResponseError(sampanErrorNumber, failure.message, errorData(failure));
        } finally {
          dispose();
        }
      },
    );
  }
}

function toSignal(token: CancellationToken): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => subscription.dispose() };
}
