import { type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';

// LSP 3.17 ErrorCodes.ServerNotInitialized, and JSON-RPC's InvalidRequest for what comes behind `shutdown`.
const serverNotInitialized = -32002;
const invalidRequest = -32600;

/** The order of a client's conversation (LSP 3.17 "Server lifecycle"): `initialize`, everything else, `shutdown`, `exit`. */
export class Lifecycle {
  #state: 'new' | 'running' | 'down' = 'new';

  get wasShutDown(): boolean {
    return this.#state === 'down';
  }

  initialize(): void {
    if (this.#state !== 'new') throw new ResponseError(invalidRequest, 'initialize was sent twice.');
    this.#state = 'running';
  }

  shutDown(): void {
    this.#state = 'down';
  }

  /** The connection, whose requests are refused before `initialize` and behind `shutdown`. */
  guard(connection: MessageConnection): MessageConnection {
    const onRequest = (method: string, handler: (...args: unknown[]) => unknown) =>
      connection.onRequest(method, (...args: unknown[]) => {
        this.#check(method);
        return handler(...args);
      });
    return Object.create(connection, { onRequest: { value: onRequest } });
  }

  #check(method: string): void {
    if (this.#state === 'running') return;
    const [code, when] =
      this.#state === 'new'
        ? [serverNotInitialized, 'before initialize']
        : [invalidRequest, 'after shutdown'];
    throw new ResponseError(code, `${method} was sent ${when}.`);
  }
}
