import type { FileInfo, FilePlace } from '../../server/protocol/types.ts';
import { fileUri } from '../files/fileUri.ts';
import type { Item } from './item.ts';
import { sizeText } from './words.ts';

/** The row that holds all files of a container, image, layer or volume; `owner` is the id of the row above. */
export function rootItem(owner: string, place: FilePlace): Item {
  // Without a resource: a file icon theme may have no icon for folders.
  const { resource: _, ...item } = folderItem({ place, path: '/' }, { label: 'Files', id: `${owner}/files` });
  return {
    ...item,
    icon: { id: 'folder' },
    contextValue: `root ${access(place)}`,
  };
}

/** Rows of what is in a folder: folders first, then by name, as the Explorer has it. */
export function fileItems(place: FilePlace, files: readonly FileInfo[]): readonly Item[] {
  return [...files]
    .sort((a, b) => Number(isFolder(b)) - Number(isFolder(a)) || a.path.localeCompare(b.path))
    .map(file => fileItem(place, file));
}

function isFolder({ type, targetType }: FileInfo): boolean {
  return (type === 'symlink' ? targetType : type) === 'directory';
}

function fileItem(place: FilePlace, file: FileInfo): Item {
  const label = file.path.slice(file.path.lastIndexOf('/') + 1);
  const link = file.linkTarget === undefined ? {} : { description: `→ ${file.linkTarget}` };
  const id = fileUri(place, file.path);
  if (isFolder(file)) return { ...folderItem({ place, path: file.path }, { label, id }), ...link };
  const opens = file.type === 'file' || file.targetType === 'file';
  return {
    id,
    label,
    description: file.type === 'file' ? sizeText(file.size) : file.type,
    ...link,
    icon: opens ? 'file' : { id: 'file-symlink-file' },
    spoken: `${opens ? 'file' : file.type} ${label}, ${link.description ?? sizeText(file.size)}`,
    contextValue: `file ${access(place)}`,
    subject: { kind: 'file', place, path: file.path, isFolder: false },
    children: [],
    resource: id,
    ...(opens ? { click: { command: 'vscode.open', uris: [id] } } : {}),
  };
}

function folderItem(
  { place, path }: { readonly place: FilePlace; readonly path: string },
  { label, id }: { readonly label: string; readonly id: string },
): Item {
  return {
    id,
    label,
    icon: 'folder',
    spoken: `folder ${label}`,
    contextValue: `folder ${access(place)}`,
    subject: { kind: 'file', place, path, isFolder: true },
    children: [],
    lazy: { kind: 'folder', place, path },
    resource: fileUri(place, path),
  };
}

function access({ kind }: FilePlace): string {
  return kind === 'container' || kind === 'volume' ? 'writable' : 'fixed';
}
