import * as vscode from 'vscode';
import type { ContainerInfo } from '../../server/protocol/types.ts';
import { askWhereToSave } from './archives.ts';
import { nameProblem } from './runProfile.ts';
import type { Services } from './services.ts';

/** Asks for a container's new name. */
export async function rename({ connection }: Services, container: ContainerInfo): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Rename {0}', container.name),
    value: container.name,
    validateInput: nameProblem,
  });
  if (name && name !== container.name)
    await connection.request('sampan/container/rename', { container: container.id, name });
}

/** Asks for a name and makes an image of what the container has become. */
export async function commit({ connection, views }: Services, container: ContainerInfo): Promise<void> {
  const tag = await vscode.window.showInputBox({
    title: vscode.l10n.t('Make an image of {0}', container.name),
    prompt: vscode.l10n.t('Name of the image'),
    value: `${container.name.toLowerCase()}:latest`,
  });
  if (!tag) return;
  const { id } = await vscode.window.withProgress({ location: { viewId: 'sampan.images' } }, () =>
    connection.request('sampan/container/commit', { container: container.id, tags: [tag] }),
  );
  await views.get('sampan.images')?.reveal(`image/${id}/${tag}`);
}

/** Asks for a file and writes the container's files into it, as a tar. */
export async function exportFiles({ connection }: Services, container: ContainerInfo): Promise<void> {
  const path = await askWhereToSave(
    vscode.l10n.t('Export the files of {0}', container.name),
    `${container.name}.tar`,
  );
  if (path === undefined) return;
  await vscode.window.withProgress({ location: { viewId: 'sampan.containers' } }, () =>
    connection.request('sampan/container/export', { container: container.id, path }),
  );
  void vscode.window.showInformationMessage(
    vscode.l10n.t('The files of {0} are in {1}.', container.name, path),
  );
}
