import { pathToFileURL } from 'node:url';
import type { WorkspaceEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Client } from './client.ts';
import type { IgnoreFilePlace } from './ignoreFiles.ts';
import { localPath } from './localPath.ts';

/**
 * The edit that adds lines to the end of an ignore file, as it is open or on the disk; it makes the file when there is none.
 * Undefined for a client that makes no files.
 */
export function ignoreFileEdit(
  lines: readonly string[],
  options: {
    readonly file: IgnoreFilePlace;
    /** The ignore files that are open. */
    readonly open: readonly TextDocument[];
    readonly client: Pick<Client, 'canCreateFiles'>;
  },
): WorkspaceEdit | undefined {
  const { file, client } = options;
  const open = options.open.find(({ uri }) => localPath(uri) === file.path);
  const uri = open?.uri ?? pathToFileURL(file.path).href;
  const text = open?.getText() ?? file.text;
  const edit = insertion(lines, text ?? '');
  if (text !== undefined) return { changes: { [uri]: [edit] } };
  if (!client.canCreateFiles) return undefined;
  return {
    documentChanges: [
      { kind: 'create', uri, options: { ignoreIfExists: true } },
      { textDocument: { uri, version: null }, edits: [edit] },
    ],
  };
}

function insertion(lines: readonly string[], text: string) {
  const written = text.split(/\r\n|\n|\r/);
  const last = written.at(-1) ?? '';
  const end = { line: written.length - 1, character: last.length };
  const newLine = text.includes('\r\n') ? '\r\n' : '\n';
  const newText = `${last === '' ? '' : newLine}${lines.join(newLine)}${newLine}`;
  return { range: { start: end, end }, newText };
}
