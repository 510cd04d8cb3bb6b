import type {
  NotificationMethod,
  Notifications,
  RequestMethod,
  RequestParams,
  RequestResult,
} from '../protocol/methods.ts';
import { protocolVersion } from '../protocol/version.ts';
import { version } from './version.ts';

/** The protocol as the command uses it. */
export interface Client {
  request<M extends RequestMethod>(
    method: M,
    params: RequestParams<M>,
    signal?: AbortSignal,
  ): Promise<RequestResult<M>>;
  /** Calls `listener` for every notification of one kind. */
  on<M extends NotificationMethod>(method: M, listener: (params: Notifications[M]) => void): void;
  close(): Promise<void>;
}

/** A client with a server of its own in this process: same requests, no transport. */
export async function connect(): Promise<Client> {
  const { openSession } = await import('../handlers/local.ts');
  const listeners = new Map<string, ((params: never) => void)[]>();
  const session = openSession({
    version,
    environment: process.env,
    notify: (method, params) => {
      for (const listener of listeners.get(method) ?? []) listener(params as never);
    },
  });
  const never = new AbortController().signal;
  await session.handle('sampan/hello', { protocol: protocolVersion, client: 'sampan' }, never);
  return {
    request: (method, params, signal = never) => session.handle(method, params, signal),
    on: (method, listener) => {
      listeners.set(method, [...(listeners.get(method) ?? []), listener]);
    },
    close: () => session.close(),
  };
}
