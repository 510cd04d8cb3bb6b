import * as vscode from 'vscode';
import type { ObjectKind } from '../server/protocol/types.ts';
import type { Connection } from './connection.ts';

/** Scheme of read-only documents: `sampan:/container/<id>/web.json`, `sampan:/build/<n>/output.log`. */
const scheme = 'sampan';

/** Read-only documents: what an object is (JSON, kept up to date) and the output of failed build steps. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #connection: Connection;
  readonly #changeEmitter = new vscode.EventEmitter<vscode.Uri>();
  readonly #outputs = new Map<string, string>();
  readonly #subscription: vscode.Disposable;
  #builds = 0;

  readonly onDidChange = this.#changeEmitter.event;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#subscription = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      connection.onNotification('sampan/didChange', ({ kinds }) => this.#refresh(kinds)),
      this.#changeEmitter,
    );
  }

  /** Opens the JSON of an object in an editor. */
  async inspect(kind: ObjectKind, object: { readonly id: string; readonly name: string }): Promise<void> {
    const uri = vscode.Uri.from({
      scheme,
      path: `/${kind}/${encodeURIComponent(object.id)}/${object.name.replaceAll('/', '_')}.json`,
    });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  /** Keeps a text as a document for as long as the returned disposable lives. */
  keepOutput(text: string): { readonly uri: vscode.Uri; readonly dispose: () => void } {
    const uri = vscode.Uri.from({ scheme, path: `/build/${++this.#builds}/output.log` });
    this.#outputs.set(uri.path, text);
    return { uri, dispose: () => this.#outputs.delete(uri.path) };
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const kept = this.#outputs.get(uri.path);
    if (kept !== undefined) return kept;
    const [, kind, id = ''] = uri.path.split('/');
    return JSON.stringify(await this.#fetch(kind, decodeURIComponent(id), token), null, 2);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #fetch(kind: string | undefined, id: string, token: vscode.CancellationToken): Promise<unknown> {
    switch (kind) {
      case 'container':
        return this.#connection.request('sampan/container/inspect', { container: id }, token);
      case 'image':
        return this.#connection.request('sampan/image/inspect', { image: id }, token);
      case 'volume':
        return this.#connection.request('sampan/volume/inspect', { volume: id }, token);
      case 'network': {
        const { networks } = await this.#connection.request('sampan/network/list', {}, token);
        return networks.find(network => network.id === id) ?? null;
      }
      default:
        throw new Error(vscode.l10n.t('This output is no longer kept; build again to see it.'));
    }
  }

  #refresh(kinds: readonly ObjectKind[]): void {
    for (const { uri } of vscode.workspace.textDocuments)
      if (uri.scheme === scheme && kinds.some(kind => uri.path.startsWith(`/${kind}/`)))
        this.#changeEmitter.fire(uri);
  }
}
