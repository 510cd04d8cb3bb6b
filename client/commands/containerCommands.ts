import * as vscode from 'vscode';
import type { ContainerInfo } from '../../server/protocol/types.ts';
import { confirm } from '../messages.ts';
import { openLogTerminal } from '../terminal/logTerminal.ts';
import { isActive } from '../views/containerItems.ts';
import type { Row } from '../views/rows.ts';
import { commit, exportFiles, rename } from './containerResults.ts';
import { askAndExec, attach, openShell } from './containerTerminals.ts';
import { openPort } from './openPort.ts';
import { runCommandLine } from './runCommandLine.ts';
import { type Choice, chosenSubjects } from './selection.ts';
import type { CommandsOf, Services } from './services.ts';

const active = (container: ContainerInfo) => isActive(container.status);
const inactive = (container: ContainerInfo) => !isActive(container.status);
const any = () => true;

/** Commands on containers. */
export function containerCommands(services: Services): CommandsOf<'sampan.container.'> {
  const { connection } = services;
  const choose = (args: readonly unknown[], title: string, where: (container: ContainerInfo) => boolean) =>
    chosenContainers(args, services, { title, where });
  return {
    'sampan.container.start': async (...args) =>
      each(await choose(args, vscode.l10n.t('Start a container'), inactive), ({ id }) =>
        connection.request('sampan/container/start', { container: id }),
      ),
    'sampan.container.stop': async (...args) =>
      each(await choose(args, vscode.l10n.t('Stop a container'), active), ({ id }) =>
        connection.request('sampan/container/stop', { container: id }),
      ),
    'sampan.container.restart': async (...args) =>
      each(await choose(args, vscode.l10n.t('Restart a container'), any), ({ id }) =>
        connection.request('sampan/container/restart', { container: id }),
      ),
    'sampan.container.kill': async (...args) =>
      each(await choose(args, vscode.l10n.t('Kill a container'), active), ({ id }) =>
        connection.request('sampan/container/kill', { container: id, signal: 'SIGKILL' }),
      ),
    'sampan.container.remove': async (...args) =>
      remove(services, await choose(args, vscode.l10n.t('Remove a container'), any)),
    'sampan.container.logs': async (...args) => {
      for (const container of await choose(args, vscode.l10n.t('Show the log of a container'), any))
        openLogTerminal(connection, container).show();
    },
    'sampan.container.logDocument': async (...args) => {
      for (const container of await choose(args, vscode.l10n.t('Open the log of a container'), any))
        await services.logDocuments.open(container);
    },
    'sampan.container.attach': async (...args) => {
      for (const container of await choose(args, vscode.l10n.t('Attach to a container'), active))
        await attach(services, container);
    },
    'sampan.container.shell': async (...args) => {
      for (const container of await choose(args, vscode.l10n.t('Open a shell in a container'), active))
        await openShell(services, container);
    },
    'sampan.container.exec': async (...args) => {
      for (const container of await choose(args, vscode.l10n.t('Run a command in a container'), active))
        await askAndExec(services, container);
    },
    'sampan.container.openInBrowser': async (...args) => {
      const [row] = args as [Row | undefined];
      if (row?.subject?.kind === 'port') return openPort([row.subject.port]);
      for (const { ports } of await choose(args, vscode.l10n.t('Open a container in the browser'), active))
        await openPort(ports);
    },
    'sampan.container.inspect': async (...args) => {
      for (const { id, name } of await choose(args, vscode.l10n.t('Inspect a container'), any))
        await services.documents.inspect('container', { id, name });
    },
    'sampan.container.copyName': async (...args) =>
      copy((await choose(args, vscode.l10n.t('Copy the name of a container'), any)).map(({ name }) => name)),
    'sampan.container.copyId': async (...args) =>
      copy((await choose(args, vscode.l10n.t('Copy the id of a container'), any)).map(({ id }) => id)),
    'sampan.container.copyRunCommand': async (...args) =>
      copy(
        (await choose(args, vscode.l10n.t('Copy the run command of a container'), any)).map(container =>
          runCommandLine({ ...container.options, name: container.name }),
        ),
      ),
    'sampan.container.rename': async (...args) => {
      const [container] = await choose(args, vscode.l10n.t('Rename a container'), any);
      if (container !== undefined) await rename(services, container);
    },
    'sampan.container.commit': async (...args) => {
      const [container] = await choose(args, vscode.l10n.t('Make an image of a container'), any);
      if (container !== undefined) await commit(services, container);
    },
    'sampan.container.export': async (...args) => {
      const [container] = await choose(args, vscode.l10n.t('Export the files of a container'), any);
      if (container !== undefined) await exportFiles(services, container);
    },
    'sampan.container.changes': async (...args) => {
      for (const { id, name } of await choose(args, vscode.l10n.t('Show what a container changed'), any))
        await services.documents.show('changes', { id, name });
    },
  };
}

/** Puts words on the clipboard, one a line. */
export async function copy(words: readonly string[]): Promise<void> {
  if (words.length > 0) await vscode.env.clipboard.writeText(words.join('\n'));
}

async function chosenContainers(
  args: readonly unknown[],
  services: Services,
  choice: { readonly title: string; readonly where: (container: ContainerInfo) => boolean },
): Promise<readonly ContainerInfo[]> {
  const { title, where } = choice;
  const full: Choice<'container'> = {
    view: 'sampan.containers',
    kind: 'container',
    title,
    where: ({ container }) => where(container),
  };
  return (await chosenSubjects(args, services, full)).map(({ container }) => container);
}

/** Acts on all at once, with the progress bar of the view. Every one is tried; the first failure is thrown. */
async function each(
  containers: readonly ContainerInfo[],
  act: (container: ContainerInfo) => Promise<unknown>,
): Promise<void> {
  if (containers.length === 0) return;
  await vscode.window.withProgress({ location: { viewId: 'sampan.containers' } }, async () => {
    const results = await Promise.allSettled(containers.map(act));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  });
}

async function remove({ connection }: Services, containers: readonly ContainerInfo[]): Promise<void> {
  const [first] = containers;
  if (first === undefined) return;
  const running = containers.filter(active).length;
  const agreed = await confirm({
    message:
      containers.length === 1
        ? vscode.l10n.t('Remove the container {0}?', first.name)
        : vscode.l10n.t('Remove {0} containers?', containers.length),
    detail:
      running > 0
        ? vscode.l10n.t('It is killed first if it runs. What it wrote is lost, except in named volumes.')
        : vscode.l10n.t('What it wrote is lost, except in named volumes.'),
    action: vscode.l10n.t('Remove'),
  });
  if (!agreed) return;
  await each(containers, ({ id }) =>
    connection.request('sampan/container/remove', { container: id, force: true, volumes: true }),
  );
}
