import * as vscode from 'vscode';
import { confirm } from '../messages.ts';
import { copy } from './containerCommands.ts';
import { chosenSubjects } from './selection.ts';
import type { CommandsOf, Services } from './services.ts';

/** Commands on volumes. */
export function volumeCommands(services: Services): CommandsOf<'sampan.volume.'> {
  const { connection } = services;
  const choose = async (args: readonly unknown[], title: string) => {
    const choice = { view: 'sampan.volumes', kind: 'volume', title } as const;
    return (await chosenSubjects(args, services, choice)).map(({ volume }) => volume);
  };
  return {
    'sampan.volume.create': async () => {
      const name = await vscode.window.showInputBox({
        title: vscode.l10n.t('Create a volume'),
        prompt: vscode.l10n.t('Name of the volume'),
        validateInput: text =>
          /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text)
            ? undefined
            : vscode.l10n.t('Use letters, digits, _ . - and begin with a letter or digit.'),
      });
      if (name) await connection.request('sampan/volume/create', { name });
    },
    'sampan.volume.inspect': async (...args) => {
      for (const { name } of await choose(args, vscode.l10n.t('Inspect a volume')))
        await services.documents.inspect('volume', { id: name, name });
    },
    'sampan.volume.copyName': async (...args) =>
      copy((await choose(args, vscode.l10n.t('Copy the name of a volume'))).map(({ name }) => name)),
    'sampan.volume.remove': async (...args) => {
      const volumes = await choose(args, vscode.l10n.t('Remove a volume'));
      const [first] = volumes;
      if (first === undefined) return;
      const agreed = await confirm({
        message:
          volumes.length === 1
            ? vscode.l10n.t('Remove the volume {0}?', first.name)
            : vscode.l10n.t('Remove {0} volumes?', volumes.length),
        detail: vscode.l10n.t('Everything in it is lost.'),
        action: vscode.l10n.t('Remove'),
      });
      if (!agreed) return;
      for (const { name } of volumes) await connection.request('sampan/volume/remove', { volume: name });
    },
  };
}
