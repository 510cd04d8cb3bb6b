import * as vscode from 'vscode';
import { openText } from './facts.ts';

/** A file of the workspace that is open, with the place where its `|` was. */
export interface Place {
  readonly document: vscode.TextDocument;
  readonly editor: vscode.TextEditor;
  readonly position: vscode.Position;
}

let files = 0;

/** Opens a text as a Dockerfile of its own: VS Code may still show what another test has written into a file. */
export async function openDockerfile(text: string): Promise<vscode.TextDocument> {
  return (await openText(`Dockerfile.${++files}`, text)).document;
}

/** Opens a text with one `|` as a file, without that, and puts the cursor there; by default as a new Dockerfile. */
export async function openAt(written: string, name = `Dockerfile.${++files}`): Promise<Place> {
  const offset = written.indexOf('|');
  if (offset < 0) throw new Error(`There is no | in ${written}`);
  const editor = await openText(name, written.slice(0, offset) + written.slice(offset + 1));
  const { document } = editor;
  const position = document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
  return { document, editor, position };
}

/** Asks all providers that VS Code has for a language, as `vscode.execute…` does. */
export async function ask<T>(command: string, ...args: readonly unknown[]): Promise<T> {
  return await vscode.commands.executeCommand<T>(`vscode.execute${command}`, ...args);
}

/** The labels that completion offers, asked again while some of them are still looked for. */
export async function offered({ document, position }: Place, trigger?: string): Promise<readonly string[]> {
  for (;;) {
    const { items, isIncomplete } = await ask<vscode.CompletionList>(
      'CompletionItemProvider',
      document.uri,
      position,
      trigger,
    );
    if (!isIncomplete) return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
  }
}

/** The text of a document after edits of it. */
export async function applied(
  document: vscode.TextDocument,
  edits: readonly vscode.TextEdit[],
): Promise<string> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, [...edits]);
  await vscode.workspace.applyEdit(edit);
  return document.getText();
}

/** What hovers say. */
export function hoverText(hovers: readonly vscode.Hover[]): string {
  return hovers
    .flatMap(({ contents }) => contents)
    .map(content => (typeof content === 'string' ? content : content.value))
    .join('\n');
}
