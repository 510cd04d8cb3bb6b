import { SampanError } from '../common/errors.ts';
import type { Notify } from '../handlers/call.ts';
import type { Session } from '../handlers/session.ts';
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

/** A session in this process that tells `notify` what nobody asked for. */
export type OpenSession = (notify: Notify) => Pick<Session, 'handle' | 'close'>;

/** A client with a server of its own in this process, or with a session of one that is there: same requests, no transport. */
export async function connect(open?: OpenSession): Promise<Client> {
  const openOne = open ?? (await ownSessions());
  const listeners = new Map<string, ((params: never) => void)[]>();
  const session = openOne((method, params) => {
    for (const listener of listeners.get(method) ?? []) listener(params as never);
  });
  const never = new AbortController().signal;
  await session.handle('sampan/hello', { protocol: protocolVersion, client: 'sampan' }, never);
  return {
    request: (method, params, signal = never) =>
      session.handle(method, params, signal).catch(error => {
        throw asSampanError(error);
      }),
    on: (method, listener) => {
      listeners.set(method, [...(listeners.get(method) ?? []), listener]);
    },
    close: () => session.close(),
  };
}

async function ownSessions(): Promise<OpenSession> {
  const { openSession } = await import('../handlers/local.ts');
  return notify => openSession({ version, environment: process.env, notify });
}

/** In a command server the class of errors is that of the server's copy of the code. */
function asSampanError(error: unknown): unknown {
  if (error instanceof SampanError || !(error instanceof Error) || error.name !== 'SampanError') return error;
  const { code, message, hint, detail, cause } = error as SampanError;
  return new SampanError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(detail === undefined ? {} : { detail }),
    cause,
  });
}
