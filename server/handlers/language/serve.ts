import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { InitializeResult } from 'vscode-languageserver';
import type { Log } from '../environment.ts';
import { Analyses } from './analyses.ts';
import { Documents } from './documents.ts';
import { Publisher } from './publisher.ts';

// LSP 3.17 TextDocumentSyncKind; the package's own constant would load all of vscode-languageserver.
const incrementalSync = 2;

/**
 * Serves the Language Server Protocol. None of it needs the engine. `exited` resolves at the `exit`
 * notification, true when `shutdown` came before it.
 */
export function serveLanguage(
  connection: MessageConnection,
  options: { readonly version: string; readonly log: Log },
): { readonly exited: Promise<boolean> } {
  const analyses = new Analyses();
  const publisher = new Publisher(analyses, params => {
    connection
      .sendNotification('textDocument/publishDiagnostics', params)
      .catch(error => options.log('debug', `diagnostics were not sent: ${error}`));
  });
  const documents = new Documents({
    didChange: document => publisher.didChange(document),
    didClose: uri => publisher.didClose(uri),
  });
  connection.onNotification('textDocument/didOpen', params => documents.didOpen(params));
  connection.onNotification('textDocument/didChange', params => documents.didChange(params));
  connection.onNotification('textDocument/didClose', params => documents.didClose(params));
  connection.onRequest('initialize', (): InitializeResult => {
    return {
      capabilities: { textDocumentSync: { openClose: true, change: incrementalSync } },
      serverInfo: { name: 'sampan', version: options.version },
    };
  });
  connection.onNotification('initialized', () => undefined);
  let wasShutDown = false;
  connection.onRequest('shutdown', () => {
    wasShutDown = true;
    return null;
  });
  const exited = new Promise<boolean>(resolve => {
    connection.onNotification('exit', () => resolve(wasShutDown));
  });
  return { exited };
}
