import * as vscode from 'vscode';
import { type CommandId, commandIds, trustedCommandIds } from '../contributions.ts';
import { showFailure } from '../messages.ts';
import { buildCommands } from './buildCommands.ts';
import { containerCommands } from './containerCommands.ts';
import { imageCommands } from './imageCommands.ts';
import { networkCommands } from './networkCommands.ts';
import { prune } from './prune.ts';
import type { CommandHandler, Services } from './services.ts';
import { volumeCommands } from './volumeCommands.ts';

/** Registers every command; one that fails says why. */
export function registerCommands(services: Services, subscriptions: vscode.Disposable[]): void {
  const handlers: { readonly [C in CommandId]: CommandHandler } = {
    ...buildCommands(services),
    ...containerCommands(services),
    ...imageCommands(services),
    ...volumeCommands(services),
    ...networkCommands(services),
    'sampan.prune': () => prune(services),
    'sampan.refresh': () => {
      for (const view of services.views.values()) view.refresh();
    },
    'sampan.server.restart': () => services.connection.restart(),
    'sampan.server.showLog': () => services.log.show(),
  };
  for (const id of commandIds)
    subscriptions.push(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        services.log.info(`Command ${id}`);
        try {
          if (trustedCommandIds.has(id) && !vscode.workspace.isTrusted) await askForTrust();
          else await handlers[id](...args);
        } catch (error) {
          // Not awaited: the command is over, whatever becomes of the message.
          void showFailure(error);
        }
      }),
    );
}

/** The menus are off without trust; a key binding or another extension can still get here. */
async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Trust');
  const message = vscode.l10n.t('Sampan builds and runs only in a workspace that you trust.');
  if ((await vscode.window.showWarningMessage(message, manage)) === manage)
    await vscode.commands.executeCommand('workbench.trust.manage');
}
