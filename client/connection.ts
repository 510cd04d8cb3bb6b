import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
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

/** `restarting`: the server ended unexpectedly and a new one is on its way. */
export type ConnectionState = 'starting' | 'ready' | 'restarting' | 'failed';

/** The one connection to the server: language features and engine requests, its life and its state. */
export class Connection implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #stateEmitter = new vscode.EventEmitter<ConnectionState>();
  readonly #budget = new RestartBudget({ restarts: 4, withinMilliseconds: 180_000 });
  #state: ConnectionState = 'starting';
  #failure: Failure | undefined;
  #ready: Promise<void> = Promise.resolve();
  #stopping = false;

  readonly onDidChangeState = this.#stateEmitter.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#client = new LanguageClient('sampan', 'Sampan', serverOptions(context, log), {
      documentSelector: [
        { language: 'dockerfile', scheme: 'file' },
        { language: 'dockerfile', scheme: 'untitled' },
      ],
      outputChannel: log,
      initializationOptions: { client: String(context.extension.packageJSON.version) },
      initializationFailedHandler: () => false,
      errorHandler: { error: () => ({ action: ErrorAction.Continue }), closed: () => this.#closed() },
    } satisfies LanguageClientOptions);
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) this.#begin();
    });
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
    return this.#client.serverProcess?.pid;
  }

  /** Resolves when requests can be sent; rejects with the reason why not. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Starts the server and returns at once. */
  start(): void {
    // A failure to start arrives at #begin, which reports it.
    this.#client.start().catch(() => {});
  }

  /** Ends the server if it runs and starts a new one. Rejects when that one does not come up. */
  async restart(): Promise<void> {
    this.#budget.reset();
    this.#enter('restarting');
    this.#stopping = true;
    try {
      if (this.#client.state === State.Running) await this.#client.stop();
    } finally {
      this.#stopping = false;
    }
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
    return this.#client.sendRequest<RequestResult<M>>(method, params, token);
  }

  /** Registers for a notification; survives restarts of the server. */
  onNotification<M extends NotificationMethod>(
    method: M,
    listener: (params: Notifications[M]) => void,
  ): vscode.Disposable {
    return this.#client.onNotification(method, listener);
  }

  async dispose(): Promise<void> {
    this.#stopping = true;
    this.#stateEmitter.dispose();
    await this.#client.dispose();
  }

  #begin(): void {
    if (this.#state !== 'restarting') this.#enter('starting');
    this.#failure = undefined;
    const ready = this.#client.start().then(() => this.#greet());
    this.#ready = ready;
    ready.then(
      () => this.#enter('ready'),
      error => {
        if (!this.#stopping && this.#ready === ready) this.#fail(toFailure(error));
      },
    );
  }

  async #greet(): Promise<void> {
    const answer = await this.#client.sendRequest<RequestResult<'sampan/hello'>>('sampan/hello', {
      protocol: protocolVersion,
      client: 'vscode',
    });
    if (answer.protocol === protocolVersion) return;
    throw new Error(
      `The Sampan extension speaks protocol ${protocolVersion}, its server ${answer.protocol}: ` +
        'their versions differ. Reload the window; if that does not help, reinstall the extension.',
    );
  }

  #closed(): CloseHandlerResult {
    // A server that never came up would not come up a second time either.
    if (this.#state !== 'ready') return { action: CloseAction.DoNotRestart, handled: true };
    if (this.#budget.take(Date.now())) {
      this.#enter('restarting');
      return { action: CloseAction.Restart, handled: true, message: 'The server ended; starting a new one.' };
    }
    this.#fail({ message: 'The Sampan server ended five times within three minutes.', detail: {} });
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  #fail(failure: Failure): void {
    this.#failure = failure;
    this.#ready = Promise.reject(
      new Error(
        `The Sampan server is not running: ${failure.message} Restart it with "Sampan: Restart Server".`,
      ),
    );
    // Nobody may be waiting yet; whoever asks later gets the rejection.
    this.#ready.catch(() => {});
    this.#enter('failed');
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#stateEmitter.fire(state);
  }
}

function serverOptions(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): ServerOptions {
  const module = context.asAbsolutePath(join('dist', 'server.js'));
  const run = {
    command: process.execPath,
    args: [module],
    transport: TransportKind.stdio,
    options: {
      env: {
        ...process.env,
        // On the desktop `execPath` is Electron; this makes it behave as Node. Node ignores it.
        ELECTRON_RUN_AS_NODE: '1',
        SAMPAN_LOG: process.env.SAMPAN_LOG ?? serverLogLevel(log.logLevel),
      },
    },
  };
  return { run, debug: run };
}

function serverLogLevel(level: vscode.LogLevel): string {
  if (level === vscode.LogLevel.Trace || level === vscode.LogLevel.Debug) return 'debug';
  if (level === vscode.LogLevel.Warning) return 'warn';
  if (level === vscode.LogLevel.Error || level === vscode.LogLevel.Off) return 'error';
  return 'info';
}
