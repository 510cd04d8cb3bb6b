import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Registration } from 'vscode-languageserver';
import type { Client } from './client.ts';

// LSP 3.17 WatchKind: created and deleted. What is in a file is of no interest, unless it is one of ours.
const comeAndGo = 5;

/** Asks the client to tell of changes of settings and files, as far as it can be asked. */
export function register(connection: MessageConnection, client: Client): void {
  const registrations: Registration[] = [];
  if (client.canWatchSettings) {
    registrations.push({ id: 'settings', method: 'workspace/didChangeConfiguration' });
  }
  if (client.canWatchFiles) {
    const own = ['**/.dockerignore', '**/*.dockerignore', '**/{.hadolint,hadolint}.{yaml,yml}'];
    const watchers = [...own.map(globPattern => ({ globPattern })), { globPattern: '**/*', kind: comeAndGo }];
    registrations.push({
      id: 'files',
      method: 'workspace/didChangeWatchedFiles',
      registerOptions: { watchers },
    });
  }
  if (registrations.length === 0) return;
  // A client that refuses tells of less; saving a file still has everything read again.
  connection.sendRequest('client/registerCapability', { registrations }).catch(() => {});
}
