import * as vscode from 'vscode';
import type { Exports } from '../../../../client/extension.ts';

/** What the extension gives to its tests, once it is active. */
export async function extension(): Promise<Exports> {
  const found = vscode.extensions.getExtension<Exports>('sampan.sampan');
  if (found === undefined) throw new Error('The extension is not installed.');
  return found.activate();
}

/** The first workspace folder's file of this name. */
export function sampleFile(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error('No folder is open.');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Writes a file into the workspace, opens it and returns its editor. */
export async function openText(name: string, text: string): Promise<vscode.TextEditor> {
  const uri = sampleFile(name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

/** Resolves as soon as `fact` gives a value: now, or after one of the events. */
export function eventually<T>(
  event: vscode.Event<unknown>,
  fact: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = async () => {
      try {
        const value = await fact();
        if (value === undefined) return;
        subscription.dispose();
        resolve(value);
      } catch (error) {
        subscription.dispose();
        reject(error);
      }
    };
    const subscription = event(() => void check());
    void check();
  });
}

/** The diagnostics of a file from one source, as soon as there are such as wanted. */
export function diagnostics(
  uri: vscode.Uri,
  wanted: (found: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  return eventually(vscode.languages.onDidChangeDiagnostics, () => {
    const found = vscode.languages.getDiagnostics(uri);
    return wanted(found) ? found : undefined;
  });
}
