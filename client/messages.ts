import * as vscode from 'vscode';
import type { CommandId } from './contributions.ts';
import { failureText, isCancelled, toFailure } from './failure.ts';

/** Shows what went wrong, with the log one click away. What the user cancelled needs no words. */
export async function showFailure(error: unknown): Promise<void> {
  if (isCancelled(error)) return;
  const showLog = vscode.l10n.t('Show Log');
  const answer = await vscode.window.showErrorMessage(failureText(toFailure(error)), showLog);
  const command: CommandId = 'sampan.server.showLog';
  if (answer === showLog) await vscode.commands.executeCommand(command);
}

/** Asks in a modal dialog before something is lost. */
export async function confirm(question: {
  readonly message: string;
  readonly detail?: string;
  readonly action: string;
}): Promise<boolean> {
  const { message, detail, action } = question;
  const options = detail === undefined ? { modal: true } : { modal: true, detail };
  return (await vscode.window.showWarningMessage(message, options, action)) === action;
}
