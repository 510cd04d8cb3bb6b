import * as vscode from 'vscode';
import { type CommandId, commandIds } from '../contributions.ts';
import { showFailure } from '../messages.ts';
import { buildCommands } from './buildCommands.ts';
import { containerCommands } from './containerCommands.ts';
import { imageCommands } from './imageCommands.ts';
import { networkCommands } from './networkCommands.ts';
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
    'sampan.refresh': () => {
      for (const view of services.views.values()) view.refresh();
    },
    'sampan.server.restart': () => services.connection.restart(),
    'sampan.server.showLog': () => services.log.show(),
  };
  for (const id of commandIds)
    subscriptions.push(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await handlers[id](...args);
        } catch (error) {
          // Not awaited: the command is over, whatever becomes of the message.
          void showFailure(error);
        }
      }),
    );
}
