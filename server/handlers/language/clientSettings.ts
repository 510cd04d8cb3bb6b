import type { DidChangeConfigurationParams, InitializeParams } from 'vscode-languageserver';

/**
 * The settings that the server knows, as `initializationOptions` and below `sampan` in `workspace/didChangeConfiguration`.
 * A client that sends none, or that sends something else, gets the defaults.
 */
export interface ClientSettings {
  readonly shellcheck: {
    /** False in a workspace that is not trusted. */
    readonly isEnabled: boolean;
    readonly path: string;
  };
}

export const defaultClientSettings: ClientSettings = { shellcheck: { isEnabled: true, path: '' } };

/** Settings of the first message (LSP 3.17 InitializeParams). */
export function readInitialSettings({ initializationOptions }: InitializeParams): ClientSettings {
  return readSettings(initializationOptions);
}

/** Settings of a later one (LSP 3.17 DidChangeConfigurationParams); undefined when it has none: nothing changes. */
export function readChangedSettings({ settings }: DidChangeConfigurationParams): ClientSettings | undefined {
  const own = member(settings, 'sampan');
  return own === undefined ? undefined : readSettings(own);
}

function readSettings(value: unknown): ClientSettings {
  const shellcheck = member(value, 'shellcheck');
  const enabled = member(shellcheck, 'enabled');
  const path = member(shellcheck, 'path');
  const { isEnabled, path: defaultPath } = defaultClientSettings.shellcheck;
  return {
    shellcheck: {
      isEnabled: typeof enabled === 'boolean' ? enabled : isEnabled,
      path: typeof path === 'string' ? path : defaultPath,
    },
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { [name: string]: unknown })[name]
    : undefined;
}
