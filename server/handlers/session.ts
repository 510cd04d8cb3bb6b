import { SampanError } from '../common/errors.ts';
import type { Engine } from '../engine/types.ts';
import type { RequestMethod, RequestParams, RequestResult } from '../protocol/methods.ts';
import { protocolVersion } from '../protocol/version.ts';
import type { EngineMethod, Handler, Notify } from './call.ts';
import { toSampanError } from './errors.ts';

export interface SessionOptions {
  /** Opens the engine; called once, by the first request that needs it. */
  readonly openEngine: () => Promise<Engine>;
  readonly notify: Notify;
  /** Version of the product, told in the handshake. */
  readonly version: string;
  /** Send `sampan/didChange` once the engine is open. A command that ends at once does without. */
  readonly watch: boolean;
  /** Gets what a person should know beyond the answers. The command does without: it prints what answers carry. */
  readonly warn?: (message: string) => void;
}

/**
 * One client's conversation, without a transport: the language server puts it behind JSON-RPC, the command
 * calls it in its own process. The engine is opened by the first request, so that what needs no engine
 * (the language features) never waits for it; an engine that failed to open is tried again by the next request.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #warned = new Set<string>();
  #greeted = false;
  #engine: Promise<Engine> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Answers one request. Throws nothing but {@link SampanError}. */
  async handle<M extends RequestMethod>(
    method: M,
    params: RequestParams<M>,
    signal: AbortSignal,
  ): Promise<RequestResult<M>> {
    try {
      if (isHello(method)) return this.#hello(params as RequestParams<'sampan/hello'>) as RequestResult<M>;
      if (!this.#greeted) throw notGreeted(method);
      // Loaded now: the language server starts faster without them.
      const { handlers } = await import('./methods.ts');
      const handler = handlers[method as EngineMethod] as unknown as Handler<M>;
      const engine = await this.engine();
      signal.throwIfAborted();
      return await handler(params, { engine, signal, notify: this.#options.notify, warn: this.#warn });
    } catch (error) {
      throw toSampanError(error, signal);
    }
  }

  /** Lets go of the engine. Containers and everything on disk stay as they are. */
  async close(): Promise<void> {
    const opening = this.#engine;
    this.#engine = undefined;
    const engine = await opening?.catch(() => undefined);
    await engine?.close();
  }

  readonly #warn = (message: string): void => {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#options.warn?.(message);
  };

  #hello(params: RequestParams<'sampan/hello'>): RequestResult<'sampan/hello'> {
    if (params.protocol !== protocolVersion) throw mismatch(params);
    this.#greeted = true;
    return { protocol: protocolVersion, version: this.#options.version };
  }

  /** The engine, opened by whoever needs it first. Rejects with what {@link SessionOptions.openEngine} throws. */
  engine(): Promise<Engine> {
    this.#engine ??= this.#options.openEngine().then(
      engine => {
        if (this.#options.watch)
          engine.onDidChange(kinds => {
            // A client of the language alone knows no such notification.
            if (this.#greeted) this.#options.notify('sampan/didChange', { kinds });
          });
        return engine;
      },
      error => {
        this.#engine = undefined;
        throw error;
      },
    );
    return this.#engine;
  }
}

function isHello(method: RequestMethod): method is 'sampan/hello' {
  return method === 'sampan/hello';
}

function notGreeted(method: string): SampanError {
  return new SampanError('version-mismatch', `${method} was sent before sampan/hello.`, {
    hint: 'Send sampan/hello with the protocol version first.',
  });
}

function mismatch(params: RequestParams<'sampan/hello'>): SampanError {
  const clientIsOlder = params.protocol < protocolVersion;
  const older = clientIsOlder ? `The client (${params.client})` : 'The server';
  const newer = clientIsOlder ? 'the server' : `the client (${params.client})`;
  return new SampanError(
    'version-mismatch',
    `${older} is older than ${newer}: protocol ${Math.min(params.protocol, protocolVersion)} against ${Math.max(params.protocol, protocolVersion)}.`,
    {
      hint: 'Both come with one installation: reload the window, or install the extension again.',
      detail: { server: protocolVersion, client: params.protocol },
    },
  );
}
