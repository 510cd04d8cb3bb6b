import * as vscode from 'vscode';
import type { Row } from '../views/rows.ts';
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
  const [clicked, selected] = args as [Row | undefined, readonly (Row | undefined)[] | undefined];
  const rows = selected ?? [clicked];
  return rows.flatMap(row => {
    if (row?.subject.kind === 'endpoint') return row.subject.endpoint.address;
    return row?.subject.kind === 'link' ? (row.subject.link.address ?? []) : [];
  });
}
