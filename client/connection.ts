import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  NotificationMethod,
  Notifications,
  RequestMethod,
  RequestParams,
  RequestResult,
} from '../server/protocol/methods.ts';
import { protocolVersion } from '../server/protocol/version.ts';
import { type Failure, toFailure } from './failure.ts';
import { RestartBudget } from './restartBudget.ts';
import { watchServerSettings } from './serverSettings.ts';

/** `restarting`: the server ended unexpectedly and a new one is on its way. */
export type ConnectionState = 'starting' | 'ready' | 'restarting' | 'failed';

/** The one connection to the server: language features and engine requests, its life and its state. */
export class Connection {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #stateEmitter = new vscode.EventEmitter<ConnectionState>();
  readonly #notifications: { readonly [M in NotificationMethod]: vscode.EventEmitter<Notifications[M]> } = {
    'sampan/didChange': new vscode.EventEmitter(),
    'sampan/build/event': new vscode.EventEmitter(),
    'sampan/file/didChange': new vscode.EventEmitter(),
    'sampan/pull/progress': new vscode.EventEmitter(),
    'sampan/push/progress': new vscode.EventEmitter(),
    'sampan/shellcheck/state': new vscode.EventEmitter(),
  };
  readonly #budget = new RestartBudget({ restarts: 4, withinMilliseconds: 180_000 });
  #client: LanguageClient | undefined;
  #state: ConnectionState = 'starting';
  #failure: Failure | undefined;
  /** The server ended while it was being started. */
  #endedEarly = false;
  #ready: Promise<void>;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };

  readonly onDidChangeState = this.#stateEmitter.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    const { promise, ...settle } = pending();
    this.#ready = promise;
    this.#settle = settle;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why the state is `failed`. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Process id of the server. */
  get serverPid(): number | undefined {
    return this.#client?.serverProcess?.pid;
  }

  /** Resolves when requests can be sent; rejects with the reason why not. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Starts the server and returns at once. */
  start(): void {
    this.#endedEarly = false;
    this.#launch().catch(error => {
      const early = { message: 'The Sampan server ended before it was ready; its log says why.', detail: {} };
      this.#fail(this.#endedEarly ? early : toFailure(error));
    });
  }

  /** Ends the server if it runs and starts a new one. Rejects when that one does not come up. */
  async restart(): Promise<void> {
    this.#budget.reset();
    this.#enter('restarting');
    if (this.#client?.isRunning()) await this.#client.stop();
    this.start();
    await this.#ready;
  }

  /** Sends a request as soon as the server is ready. Rejects with the server's error, see {@link toFailure}. */
  async request<M extends RequestMethod>(
    method: M,
    params: RequestParams<M>,
    token?: vscode.CancellationToken,
  ): Promise<RequestResult<M>> {
    await this.#ready;
    return this.#send(method, params, token);
  }

  /** Registers for a notification; survives restarts of the server. */
  onNotification<M extends NotificationMethod>(
    method: M,
    listener: (params: Notifications[M]) => void,
  ): vscode.Disposable {
    return this.#notifications[method].event(listener);
  }

  /** Ends the server; resolves when it is gone. */
  async dispose(): Promise<void> {
    this.#stateEmitter.dispose();
    await this.#client?.dispose();
  }

  async #launch(): Promise<void> {
    const client = await this.#loadClient();
    await client.start();
    await this.#greet();
    this.#enter('ready');
  }

  async #loadClient(): Promise<LanguageClient> {
    if (this.#client !== undefined) return this.#client;
    const { createLanguageClient } = await import('./languageClient.ts');
    const client = createLanguageClient(this.#context, { log: this.#log, onClosed: () => this.#onClosed() });
    for (const [method, emitter] of Object.entries(this.#notifications))
      client.onNotification(method, params => emitter.fire(params));
    watchServerSettings(client, this.#context.subscriptions);
    this.#client = client;
    return client;
  }

  /** The server ended by itself: true to start a new one. */
  #onClosed(): boolean {
    // A server that never came up would not come up a second time either.
    this.#endedEarly = this.#state !== 'ready';
    if (this.#endedEarly) return false;
    if (!this.#budget.take(Date.now())) {
      this.#fail({ message: 'The Sampan server ended five times within three minutes.', detail: {} });
      return false;
    }
    this.#enter('restarting');
    // The client starts the next server as soon as this returns; #launch then joins that start.
    setImmediate(() => this.start());
    return true;
  }

  async #greet(): Promise<void> {
    const answer = await this.#send('sampan/hello', { protocol: protocolVersion, client: 'vscode' });
    if (answer.protocol === protocolVersion) return;
    throw new Error(
      `The Sampan extension speaks protocol ${protocolVersion}, its server ${answer.protocol}: ` +
        'their versions differ. Reload the window; if that does not help, reinstall the extension.',
    );
  }

  #send<M extends RequestMethod>(
    method: M,
    params: RequestParams<M>,
    token?: vscode.CancellationToken,
  ): Promise<RequestResult<M>> {
    if (this.#client === undefined) throw new Error('The server was not started.');
    // A token of undefined would be sent as a second parameter.
    return token === undefined
      ? this.#client.sendRequest<RequestResult<M>>(method, params)
      : this.#client.sendRequest<RequestResult<M>>(method, params, token);
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#enter('failed');
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state) return;
    const wasSettled = this.#state === 'ready' || this.#state === 'failed';
    this.#state = state;
    if (state === 'ready') this.#settle.resolve();
    else if (state === 'failed') this.#settle.reject(notRunning(this.#failure));
    else if (wasSettled) {
      const { promise, ...settle } = pending();
      this.#ready = promise;
      this.#settle = settle;
    }
    this.#stateEmitter.fire(state);
  }
}

function notRunning(failure: Failure | undefined): Error {
  const reason = failure === undefined ? '' : ` ${failure.message}`;
  return new Error(`The Sampan server is not running.${reason} Start it with "Sampan: Restart Server".`);
}

function pending() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Nobody may be waiting when it is rejected; whoever asks later gets the rejection.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
