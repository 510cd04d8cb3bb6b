import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { DidChangeConfigurationParams, InitializeParams } from 'vscode-languageserver';
import type { ClientSettings } from './lintSettings.ts';

const sections = ['sampan.lint', 'docker.languageserver.diagnostics'] as const;

/**
 * The settings of the client that concern the language: asked for where it can be asked (LSP 3.17 `workspace/configuration`),
 * else as it tells of them. `onDidChange` is told when they differ from what was known.
 */
export class LintSettingsReader {
  readonly #connection: MessageConnection;
  readonly #onDidChange: (settings: ClientSettings) => void;
  #last = '{}';
  #canAsk = false;

  constructor(connection: MessageConnection, onDidChange: (settings: ClientSettings) => void) {
    this.#connection = connection;
    this.#onDidChange = onDidChange;
  }

  initialize({ capabilities, initializationOptions }: InitializeParams): void {
    this.#canAsk = capabilities.workspace?.configuration === true;
    this.#take(settingsIn(initializationOptions));
  }

  /** To be called when the client is initialized: before, it may not be asked. */
  async ask(): Promise<void> {
    if (!this.#canAsk) return;
    const items = sections.map(section => ({ section }));
    // A client that answers with an error has no settings for us.
    const answer = await this.#connection
      .sendRequest<unknown[] | null>('workspace/configuration', { items })
      .catch(() => null);
    if (Array.isArray(answer)) this.#take({ lint: answer[0], incumbent: answer[1] });
  }

  /** Settings have changed; a client that can be asked need not say which. */
  async didChange({ settings }: DidChangeConfigurationParams): Promise<void> {
    if (this.#canAsk) await this.ask();
    else this.#take(settingsIn(settings));
  }

  #take(settings: ClientSettings): void {
    const next = JSON.stringify(settings);
    if (next === this.#last) return;
    this.#last = next;
    this.#onDidChange(settings);
  }
}

/** The sections in an object that has them as it pleases: `{ lint }`, `{ sampan: { lint } }` or `{ "sampan.lint": … }`. */
function settingsIn(all: unknown): ClientSettings {
  const [own, incumbent] = sections.map(section => settingIn(all, section));
  const lint = own ?? settingIn(all, 'lint');
  return { ...(lint !== undefined && { lint }), ...(incumbent !== undefined && { incumbent }) };
}

/** A section of settings, in an object that has its names as one word or in parts. */
export function settingIn(all: unknown, section: string): unknown {
  if (typeof all !== 'object' || all === null) return undefined;
  const own: { readonly [key: string]: unknown } = { ...all };
  if (Object.hasOwn(own, section)) return own[section];
  const dot = section.indexOf('.');
  return dot < 0 ? undefined : settingIn(own[section.slice(0, dot)], section.slice(dot + 1));
}
