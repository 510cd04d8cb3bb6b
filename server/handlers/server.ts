import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Engine } from '../engine/types.ts';
import type { Notify } from './call.ts';
import { serveSession } from './connection.ts';
import type { Log } from './environment.ts';
import { LocalStore } from './language/localStore.ts';
import { serveLanguage } from './language/serve.ts';
import { Session } from './session.ts';

export interface ServerOptions {
  /** Opens the engine; called by the first request that needs it. */
  readonly openEngine: () => Promise<Engine>;
  readonly version: string;
  readonly log: Log;
}

/**
 * Serves one client on one connection: the Language Server Protocol and all `sampan/*` requests.
 * Resolves when the client is gone (its `exit`, or the end of the connection) and the engine is closed;
 * `orderly` is false when `exit` came without `shutdown` (LSP 3.17 "Exit Notification").
 */
export async function serve(
  connection: MessageConnection,
  options: ServerOptions,
): Promise<{ readonly orderly: boolean }> {
  const notify: Notify = (method, params) => {
    connection
      .sendNotification(method, params)
      .catch(error => options.log('debug', `${method} was not sent: ${error}`));
  };
  const session = new Session({
    openEngine: async () => {
      const engine = await options.openEngine();
      store.follow(engine);
      return engine;
    },
    version: options.version,
    watch: true,
    warn: message => options.log('warn', message),
    notify,
  });
  const store = new LocalStore(() => session.engine(), options.log);
  serveSession(connection, session);
  const { exited } = serveLanguage(connection, {
    ...options,
    store,
    onDidChangeShellcheck: state => notify('sampan/shellcheck/state', state),
  });
  const closed = new Promise<void>(resolve => connection.onClose(resolve));
  connection.onError(([error]) => options.log('warn', `The connection failed: ${error.message}`));
  connection.listen();
  const orderly = await Promise.race([exited, closed.then(() => true)]);
  await session.close();
  connection.dispose();
  return { orderly };
}
