import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import { sampanErrorNumber } from '../protocol/errors.ts';
import type { RequestMethod } from '../protocol/methods.ts';
import { errorData, toSampanError } from './errors.ts';
import type { Session } from './session.ts';

// JSON-RPC 2.0: the method does not exist.
const methodNotFound = -32601;

/**
 * Puts a session behind JSON-RPC: `$/cancelRequest` aborts, errors carry `ErrorData`. It takes every request that nobody
 * else has registered: naming all its methods would load what serves them.
 */
export function serveSession(connection: MessageConnection, session: Session): void {
  connection.onRequest(
    async (method: string, params: object | undefined, token: CancellationToken): Promise<object> => {
      if (!(await isOurs(method))) throw notFound(method);
      const { signal, dispose } = toSignal(token);
      try {
        // The pairing of method and parameters is the client's; the session's types begin here.
        return await session.handle(method as RequestMethod, (params ?? {}) as never, signal);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        const failure = toSampanError(error, signal);
        throw new ResponseError(sampanErrorNumber, failure.message, errorData(failure));
      } finally {
        dispose();
      }
    },
  );
}

async function isOurs(method: string): Promise<boolean> {
  if (method === 'sampan/hello') return true;
  if (!method.startsWith('sampan/')) return false;
  const { handlers } = await import('./methods.ts');
  return Object.hasOwn(handlers, method);
}

/** What a client gets that asks for something that is not there. */
function notFound(method: string): ResponseError<void> {
  return new ResponseError(methodNotFound, `There is no method ${method}.`);
}

function toSignal(token: CancellationToken): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => subscription.dispose() };
}
