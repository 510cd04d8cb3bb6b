import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { setting } from './settings.ts';

/** The settings that the server reads, as its `initializationOptions` has them. */
export function serverSettings(): object {
  return {
    // Findings come as soon as they are there, without a question for each keystroke.
    diagnostics: 'push',
    shellcheck: {
      enabled: vscode.workspace.isTrusted && setting('sampan.shellcheck.enabled'),
      path: setting('sampan.shellcheck.path'),
    },
  };
}

/** Tells the server when one of its settings has changed, and when the workspace becomes trusted. */
export function watchServerSettings(client: LanguageClient, subscriptions: vscode.Disposable[]): void {
  const send = () => {
    if (!client.isRunning()) return;
    const settings = { sampan: serverSettings() };
    void client.sendNotification('workspace/didChangeConfiguration', { settings });
  };
  subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(send),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration('sampan.shellcheck')) send();
    }),
  );
}
