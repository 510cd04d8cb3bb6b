import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { FilePlace } from '../../server/protocol/types.ts';
import { fileUri } from '../files/fileUri.ts';
import { confirm } from '../messages.ts';
import type { Row } from '../views/rows.ts';
import type { Subject, SubjectOf } from '../views/subject.ts';
import { shortId, volumeLabel } from '../views/words.ts';
import { copy } from './containerCommands.ts';
import type { CommandsOf } from './services.ts';

type File = SubjectOf<'file'>;

/** Commands on the files of containers, images and volumes. */
export function fileCommands(): CommandsOf<'sampan.files.'> {
  return {
    'sampan.files.addFolder': (...args) => {
      for (const { subject } of chosenRows(args)) addFolder(subject);
    },
    'sampan.files.newFile': async (...args) => {
      const [folder] = files(args);
      if (folder !== undefined) await newFile(folder);
    },
    'sampan.files.newFolder': async (...args) => {
      const [folder] = files(args);
      if (folder !== undefined) await newFolder(folder);
    },
    'sampan.files.rename': async (...args) => {
      const [file] = files(args);
      if (file !== undefined) await rename(file);
    },
    'sampan.files.delete': async (...args) => remove(files(args)),
    'sampan.files.selectForCompare': async (...args) => {
      const [file] = files(args);
      if (file !== undefined) await vscode.commands.executeCommand('selectForCompare', uriOf(file));
    },
    'sampan.files.compareWithSelected': async (...args) => {
      const [file] = files(args);
      if (file !== undefined) await vscode.commands.executeCommand('compareFiles', uriOf(file));
    },
    'sampan.files.save': async (...args) => save(files(args)),
    'sampan.files.copyPath': async (...args) => copy(files(args).map(({ path }) => path)),
    'sampan.files.showChange': async (...args) => {
      for (const { subject } of chosenRows(args)) if (subject.kind === 'change') await showChange(subject);
    },
  };
}

function chosenRows(args: readonly unknown[]): readonly Row[] {
  const [clicked, selected] = args as [Row | undefined, readonly (Row | undefined)[] | undefined];
  return (selected ?? [clicked]).filter(row => row !== undefined);
}

function files(args: readonly unknown[]): readonly File[] {
  return chosenRows(args).flatMap(({ subject }) => (subject.kind === 'file' ? [subject] : []));
}

function uriOf({ place, path }: { readonly place: FilePlace; readonly path: string }): vscode.Uri {
  return vscode.Uri.parse(fileUri(place, path));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder that a row stands for and what the Explorer calls it. */
function addFolder(subject: Subject): void {
  const folder = folderOf(subject);
  if (folder === undefined) return;
  const { place, path, name } = folder;
  const label = path === '/' ? name : `${name}: ${path}`;
  const end = vscode.workspace.workspaceFolders?.length ?? 0;
  vscode.workspace.updateWorkspaceFolders(end, 0, { uri: uriOf({ place, path }), name: label });
}

function folderOf(
  subject: Subject,
): { readonly place: FilePlace; readonly path: string; readonly name: string } | undefined {
  switch (subject.kind) {
    case 'container':
      return {
        place: { kind: 'container', id: subject.container.id },
        path: '/',
        name: subject.container.name,
      };
    case 'image': {
      const { image, reference } = subject;
      return { place: { kind: 'image', id: image.id }, path: '/', name: reference ?? shortId(image.id) };
    }
    case 'volume':
      return {
        place: { kind: 'volume', id: subject.volume.name },
        path: '/',
        name: volumeLabel(subject.volume.name),
      };
    case 'layer':
      return { place: { kind: 'layer', id: subject.chainId }, path: '/', name: subject.label };
    case 'file': {
      const { place, path, isFolder } = subject;
      const name = place.kind === 'volume' ? volumeLabel(place.id) : shortId(place.id);
      return isFolder ? { place, path, name } : undefined;
    }
    default:
      return undefined;
  }
}

async function newFile(folder: File): Promise<void> {
  const name = await askName(vscode.l10n.t('New file in {0}', folder.path));
  if (name === undefined) return;
  const uri = vscode.Uri.joinPath(uriOf(folder), name);
  // A name that is taken opens what has it, and empties nothing.
  const there = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!there) await vscode.workspace.fs.writeFile(uri, new Uint8Array());
  await vscode.window.showTextDocument(uri);
}

async function newFolder(folder: File): Promise<void> {
  const name = await askName(vscode.l10n.t('New folder in {0}', folder.path));
  if (name !== undefined) await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(uriOf(folder), name));
}

async function rename(file: File): Promise<void> {
  const name = await askName(vscode.l10n.t('Rename {0}', file.path), baseName(file.path));
  if (name === undefined || name === baseName(file.path)) return;
  const uri = uriOf(file);
  await vscode.workspace.fs.rename(uri, vscode.Uri.joinPath(uri, '..', name), { overwrite: false });
}

function askName(title: string, value = ''): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    value,
    prompt: vscode.l10n.t('Name'),
    validateInput: name =>
      name === '' || name.includes('/') || name === '.' || name === '..'
        ? vscode.l10n.t('A name has no / in it and is not empty.')
        : undefined,
  });
}

async function remove(chosen: readonly File[]): Promise<void> {
  const [first] = chosen;
  if (first === undefined) return;
  const agreed = await confirm({
    message:
      chosen.length === 1
        ? vscode.l10n.t('Delete {0}?', first.path)
        : vscode.l10n.t('Delete {0} files and folders?', chosen.length),
    detail: vscode.l10n.t('It cannot be restored.'),
    action: vscode.l10n.t('Delete'),
  });
  if (!agreed) return;
  for (const file of chosen)
    await vscode.workspace.fs.delete(uriOf(file), { recursive: file.isFolder, useTrash: false });
}

/** Copies files and folders to the machine. */
async function save(chosen: readonly File[]): Promise<void> {
  if (chosen.length === 0) return;
  const [target] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Save a copy in'),
      openLabel: vscode.l10n.t('Save'),
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir()),
    })) ?? [];
  if (target === undefined) return;
  for (const file of chosen) {
    const name = baseName(file.path) || shortId(file.place.id);
    await vscode.workspace.fs.copy(uriOf(file), vscode.Uri.joinPath(target, name), { overwrite: false });
  }
}

/** What was there before beside what is there now; a file that is on one side only is opened. */
async function showChange(subject: SubjectOf<'change'>): Promise<void> {
  const { change, path, before, after } = subject;
  const place = change === 'D' ? before : after;
  if (place === undefined) return;
  const own = uriOf({ place, path });
  const { type } = await vscode.workspace.fs.stat(own);
  if ((type & vscode.FileType.File) === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} is not a file with a content to show.', path),
    );
    return;
  }
  if (change !== 'C' || before === undefined) {
    await vscode.window.showTextDocument(own, { preview: true });
    return;
  }
  const title = vscode.l10n.t('{0} (before and after)', baseName(path));
  await vscode.commands.executeCommand('vscode.diff', uriOf({ place: before, path }), own, title);
}
