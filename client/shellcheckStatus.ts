import * as vscode from 'vscode';
import type { ShellcheckState } from '../server/protocol/types.ts';
import type { Connection } from './connection.ts';

/** Says beside the language of a Dockerfile that nobody checks the shell in it, as long as that is so. */
export function showShellcheckState(connection: Connection, subscriptions: vscode.Disposable[]): void {
  let item: vscode.LanguageStatusItem | undefined;
  const show = (state: ShellcheckState) => {
    item?.dispose();
    item = createItem(state);
  };
  subscriptions.push(connection.onNotification('sampan/shellcheck/state', show), {
    dispose: () => item?.dispose(),
  });
}

function createItem(state: ShellcheckState): vscode.LanguageStatusItem | undefined {
  if (state.state !== 'missing' && state.state !== 'failed') return undefined;
  const item = vscode.languages.createLanguageStatusItem('sampan.shellcheck', { language: 'dockerfile' });
  item.name = vscode.l10n.t('ShellCheck');
  item.text =
    state.state === 'missing'
      ? vscode.l10n.t('ShellCheck is not installed')
      : vscode.l10n.t('ShellCheck does not work');
  item.detail =
    state.state === 'missing' ? vscode.l10n.t('It finds mistakes in the shell of RUN') : state.message;
  item.command = {
    command: 'workbench.action.openSettings',
    arguments: ['sampan.shellcheck'],
    title: vscode.l10n.t('Settings'),
  };
  return item;
}
