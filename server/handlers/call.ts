import type { Engine } from '../engine/types.ts';
import type {
  NotificationMethod,
  Notifications,
  RequestMethod,
  RequestParams,
  RequestResult,
} from '../protocol/methods.ts';

/** Sends one notification to the client. */
export type Notify = <M extends NotificationMethod>(method: M, params: Notifications[M]) => void;

/** What a handler may use besides its parameters. */
export interface Call {
  readonly engine: Engine;
  /** Aborted when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  readonly notify: Notify;
  /** A line for whoever reads the server's log; said once in a session. */
  readonly warn: (message: string) => void;
}

/** Answers one method: fetch, call one function of the engine, convert. */
export type Handler<M extends RequestMethod> = (
  params: RequestParams<M>,
  call: Call,
) => Promise<RequestResult<M>>;

/** The handshake is the session's own; everything else goes to the engine. */
export type EngineMethod = Exclude<RequestMethod, 'sampan/hello'>;

/** The handlers of the methods that begin with one of `Prefix`: leaving one out does not compile. */
export type HandlersOf<Prefix extends string> = {
  readonly [M in Extract<EngineMethod, `${Prefix}${string}`>]: Handler<M>;
};
