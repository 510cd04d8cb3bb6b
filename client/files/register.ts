import * as vscode from 'vscode';
import type { Connection } from '../connection.ts';
import type { ViewId } from '../contributions.ts';
import type { ObjectView } from '../views/objectView.ts';
import { changeDecorations } from './changeDecorations.ts';
import { ObjectFileSystem } from './fileSystem.ts';
import { fileScheme } from './fileUri.ts';

/** Makes the files of everything in the store files of VS Code, and keeps the trees that list them true. */
export function registerFiles(
  { connection, views }: { readonly connection: Connection; readonly views: ReadonlyMap<ViewId, ObjectView> },
  subscriptions: vscode.Disposable[],
): void {
  const files = new ObjectFileSystem(connection);
  subscriptions.push(
    vscode.workspace.registerFileSystemProvider(fileScheme, files, { isCaseSensitive: true }),
    vscode.window.registerFileDecorationProvider(changeDecorations),
    files.onDidChangeFile(events => {
      const folders = new Map(
        events.map(({ uri }) => vscode.Uri.joinPath(uri, '..')).map(uri => [uri.toString(), uri]),
      );
      for (const folder of folders.values()) for (const view of views.values()) view.refreshFolder(folder);
    }),
  );
}
