import * as vscode from 'vscode';
import type { ObjectKind } from '../server/protocol/types.ts';
import type { Connection } from './connection.ts';
import { changesText, historyText } from './documentTexts.ts';

/** Scheme of read-only documents: `sampan:/container/<id>/web.json`, `sampan:/build/<n>/output.log`. */
const scheme = 'sampan';

/** What a text tells: an image's history, or the files that a container changed. */
type TextKind = 'history' | 'changes';

/** Read-only documents, kept up to date: objects as JSON, texts about them, and the output of failed build steps. */
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
    await open(uri);
  }

  /** Opens a text about an object in an editor. */
  async show(kind: TextKind, object: { readonly id: string; readonly name: string }): Promise<void> {
    const name = `${object.name.replaceAll('/', '_')}.${kind}.txt`;
    await open(vscode.Uri.from({ scheme, path: `/${kind}/${encodeURIComponent(object.id)}/${name}` }));
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
    try {
      return await this.#read(uri, token);
    } catch (error) {
      // What is open stays as it is when the object goes.
      const shown = vscode.workspace.textDocuments.find(document => String(document.uri) === String(uri));
      if (shown === undefined) throw error;
      return shown.getText();
    }
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #read(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const [, kind, id = ''] = uri.path.split('/');
    const object = decodeURIComponent(id);
    if (kind === 'history')
      return historyText(await this.#connection.request('sampan/image/inspect', { image: object }, token));
    if (kind === 'changes') return this.#changes(object, token);
    return JSON.stringify(await this.#fetch(kind, object, token), null, 2);
  }

  async #changes(container: string, token: vscode.CancellationToken): Promise<string> {
    const { changes } = await this.#connection.request('sampan/container/changes', { container }, token);
    return changesText(changes) || vscode.l10n.t('It changed no file of its image.');
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
      if (uri.scheme === scheme && kinds.some(kind => isAbout(uri, kind))) this.#changeEmitter.fire(uri);
  }
}

function isAbout({ path }: vscode.Uri, kind: ObjectKind): boolean {
  return path.startsWith(`/${kind}/`) || (kind === 'container' && path.startsWith('/changes/'));
}

async function open(uri: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
}
