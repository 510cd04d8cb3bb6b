import * as vscode from 'vscode';
import type { Item } from '../views/item.ts';
import { copy } from './containerCommands.ts';
import { chosenSubjects } from './selection.ts';
import type { CommandsOf, Services } from './services.ts';

/** Commands on networks and the containers in them. */
export function networkCommands(services: Services): CommandsOf<'sampan.network.'> {
  return {
    'sampan.network.inspect': async (...args) => {
      const title = vscode.l10n.t('Inspect a network');
      const choice = { view: 'sampan.links', kind: 'network', title } as const;
      for (const { network } of await chosenSubjects(args, services, choice))
        await services.documents.inspect('network', network);
    },
    'sampan.network.copyAddress': (...args) => copy(addresses(args)),
  };
}

function addresses(args: readonly unknown[]): readonly string[] {
  const [clicked, selected] = args as [Item | undefined, readonly Item[] | undefined];
  const items = selected ?? (clicked === undefined ? [] : [clicked]);
  return items.flatMap(({ subject }) => {
    if (subject.kind === 'endpoint') return subject.endpoint.address;
    return subject.kind === 'link' ? (subject.link.address ?? []) : [];
  });
}
