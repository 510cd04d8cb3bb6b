import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  DidChangeNotebookDocumentParams,
  DidCloseNotebookDocumentParams,
  DidOpenNotebookDocumentParams,
  NotebookDocumentSyncOptions,
} from 'vscode-languageserver';
import type { Documents } from './documents.ts';

/** Cells of notebooks in the language are documents of their own (LSP 3.17 "Notebook Document Synchronization"). */
export const notebookOptions: NotebookDocumentSyncOptions = {
  notebookSelector: [{ notebook: '*', cells: [{ language: 'dockerfile' }] }],
};

/** Keeps the cells of open notebooks among the documents. `onDidOpen` hears the URI of each that comes. */
export function syncNotebooks(
  connection: MessageConnection,
  documents: Documents,
  onDidOpen: (uri: string) => void,
): void {
  const open = (textDocument: DidOpenNotebookDocumentParams['cellTextDocuments'][number]): void => {
    documents.didOpen({ textDocument });
    onDidOpen(textDocument.uri);
  };
  connection.onNotification('notebookDocument/didOpen', (params: DidOpenNotebookDocumentParams) => {
    params.cellTextDocuments.forEach(open);
  });
  connection.onNotification('notebookDocument/didChange', (params: DidChangeNotebookDocumentParams) => {
    const { structure, textContent } = params.change.cells ?? {};
    for (const textDocument of structure?.didClose ?? []) documents.didClose({ textDocument });
    structure?.didOpen?.forEach(open);
    for (const { document, changes } of textContent ?? []) {
      documents.didChange({ textDocument: document, contentChanges: changes });
    }
  });
  connection.onNotification('notebookDocument/didClose', (params: DidCloseNotebookDocumentParams) => {
    for (const textDocument of params.cellTextDocuments) documents.didClose({ textDocument });
  });
}
