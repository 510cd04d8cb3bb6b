import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SubjectOf } from '../views/subject.ts';
import { shortId } from '../views/words.ts';
import type { Services } from './services.ts';

/** Asks for images' archives and loads them: docker's `save`, OCI layouts, either compressed. */
export async function loadImages({ connection, views }: Services): Promise<void> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Load images from an archive'),
    openLabel: vscode.l10n.t('Load'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Archives')]: ['tar', 'tgz', 'gz', 'zst', 'xz', 'bz2'] },
  });
  for (const { fsPath: path } of files ?? []) {
    const { images } = await vscode.window.withProgress({ location: { viewId: 'sampan.images' } }, () =>
      connection.request('sampan/image/load', { path }),
    );
    const names = images.flatMap(({ id, tags }) => (tags.length === 0 ? [shortId(id)] : tags));
    void vscode.window.showInformationMessage(vscode.l10n.t('Loaded {0}.', names.join(', ')));
    const [first] = images;
    if (first !== undefined)
      await views.get('sampan.images')?.reveal(`image/${first.id}/${first.tags[0] ?? ''}`);
  }
}

/** Asks for a file and writes the images into it, as docker's `save` does. */
export async function saveImages(
  { connection }: Services,
  images: readonly SubjectOf<'image'>[],
): Promise<void> {
  const names = images.map(({ image, reference }) => reference ?? image.id);
  const [first] = names;
  if (first === undefined) return;
  const path = await askWhereToSave(
    vscode.l10n.t('Save {0}', names.join(', ')),
    `${first.replace(/^sha256:/, '').replace(/[/:]/g, '-')}.tar`,
  );
  if (path === undefined) return;
  await vscode.window.withProgress({ location: { viewId: 'sampan.images' } }, () =>
    connection.request('sampan/image/save', { images: names, path, format: 'docker-archive' }),
  );
  void vscode.window.showInformationMessage(vscode.l10n.t('Saved {0} in {1}.', names.join(', '), path));
}

/** A file to write, in the workspace unless the user goes elsewhere. Undefined when the user left. */
export async function askWhereToSave(title: string, name: string): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const uri = await vscode.window.showSaveDialog({
    title,
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { [vscode.l10n.t('Archives')]: ['tar'] },
  });
  return uri?.fsPath;
}
