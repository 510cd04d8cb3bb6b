import * as vscode from 'vscode';
import { type CommandId, commandIds, trustedCommandIds, type ViewId, viewOfRow } from '../contributions.ts';
import { showFailure } from '../messages.ts';
import { buildCommands } from './buildCommands.ts';
import { containerCommands } from './containerCommands.ts';
import { fileCommands } from './fileCommands.ts';
import { imageCommands } from './imageCommands.ts';
import { networkCommands } from './networkCommands.ts';
import { prune } from './prune.ts';
import { selection } from './selection.ts';
import type { CommandHandler, Services } from './services.ts';
import { stepCommands } from './stepCommands.ts';
import { volumeCommands } from './volumeCommands.ts';

/** What a key does to files: its binding knows the view, not what is selected in it. */
const commandsOnFiles: { readonly [C in CommandId]?: readonly [ViewId, CommandId] } = {
  'sampan.container.remove': ['sampan.containers', 'sampan.files.delete'],
  'sampan.container.rename': ['sampan.containers', 'sampan.files.rename'],
  'sampan.image.remove': ['sampan.images', 'sampan.files.delete'],
  'sampan.volume.remove': ['sampan.volumes', 'sampan.files.delete'],
};

/** Registers every command; one that fails says why. */
export function registerCommands(services: Services, subscriptions: vscode.Disposable[]): void {
  const handlers: { readonly [C in CommandId]: CommandHandler } = {
    ...buildCommands(services),
    ...containerCommands(services),
    ...imageCommands(services),
    ...volumeCommands(services),
    ...networkCommands(services),
    ...fileCommands(),
    ...stepCommands(services),
    'sampan.map.open': () => services.map.open(),
    'sampan.prune': () => prune(services),
    'sampan.refresh': () => {
      for (const view of services.views.values()) view.refresh();
    },
    'sampan.server.restart': () => services.connection.restart(),
    'sampan.server.showLog': () => services.log.show(),
  };
  for (const registered of commandIds)
    subscriptions.push(
      vscode.commands.registerCommand(registered, async (...given: unknown[]) => {
        const { id, args } = onFiles(services, registered, await fromMap(services, given));
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

/** A menu of the map passes what the page says of the node: the row that it stands for is meant. */
async function fromMap({ views }: Services, args: unknown[]): Promise<unknown[]> {
  const [node] = args as [{ readonly webview?: string; readonly sampanRow?: string } | undefined];
  if (typeof node?.webview !== 'string' || typeof node.sampanRow !== 'string') return args;
  const view = viewOfRow(node.sampanRow);
  const row = view && (await views.get(view)?.row(node.sampanRow));
  return row === undefined ? [] : [row];
}

function onFiles({ views }: Services, id: CommandId, args: unknown[]): { id: CommandId; args: unknown[] } {
  const [view, command] = commandsOnFiles[id] ?? [];
  if (view === undefined || command === undefined || args[0] !== selection) return { id, args };
  const rows = views.get(view)?.selection ?? [];
  return rows[0]?.subject.kind === 'file' ? { id: command, args: [rows[0], rows] } : { id, args };
}

/** The menus are off without trust; a key binding or another extension can still get here. */
async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Trust');
  const message = vscode.l10n.t('Sampan builds and runs only in a workspace that you trust.');
  if ((await vscode.window.showWarningMessage(message, manage)) === manage)
    await vscode.commands.executeCommand('workbench.trust.manage');
}
