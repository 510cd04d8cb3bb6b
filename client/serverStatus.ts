import * as vscode from 'vscode';
import type { Connection, ConnectionState } from './connection.ts';
import type { CommandId } from './contributions.ts';
import { failureText } from './failure.ts';

/** Shows the server's state beside the language of a Dockerfile, and says it aloud when it is down. */
export function showServerState(connection: Connection, subscriptions: vscode.Disposable[]): void {
  const item = vscode.languages.createLanguageStatusItem('sampan.server', { language: 'dockerfile' });
  item.name = vscode.l10n.t('Sampan server');
  const show = (state: ConnectionState) => {
    item.busy = state === 'starting' || state === 'restarting';
    item.text = stateText(state);
    item.severity =
      state === 'failed' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    const command: CommandId = state === 'failed' ? 'sampan.server.restart' : 'sampan.server.showLog';
    const title = state === 'failed' ? vscode.l10n.t('Restart') : vscode.l10n.t('Show Log');
    item.command = { command, title };
    if (state === 'failed') void offerRestart(connection);
  };
  show(connection.state);
  subscriptions.push(item, connection.onDidChangeState(show));
}

function stateText(state: ConnectionState): string {
  switch (state) {
    case 'starting':
      return vscode.l10n.t('Sampan is starting');
    case 'restarting':
      return vscode.l10n.t('Sampan is restarting');
    case 'ready':
      return vscode.l10n.t('Sampan is ready');
    case 'failed':
      return vscode.l10n.t('Sampan is not running');
  }
}

async function offerRestart(connection: Connection): Promise<void> {
  const restart = vscode.l10n.t('Restart');
  const showLog = vscode.l10n.t('Show Log');
  const message =
    connection.failure === undefined
      ? vscode.l10n.t('The Sampan server is not running.')
      : failureText(connection.failure);
  const answer = await vscode.window.showErrorMessage(message, restart, showLog);
  const commands: { readonly [label: string]: CommandId } = {
    [restart]: 'sampan.server.restart',
    [showLog]: 'sampan.server.showLog',
  };
  const command = answer === undefined ? undefined : commands[answer];
  if (command !== undefined) await vscode.commands.executeCommand(command);
}
