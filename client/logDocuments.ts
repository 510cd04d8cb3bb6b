import * as vscode from 'vscode';
import type { ContainerInfo } from '../server/protocol/types.ts';
import type { Connection } from './connection.ts';
import { logText } from './documentTexts.ts';
import { failureText, isCancelled, toFailure } from './failure.ts';
import { setting } from './settings.ts';

/** Scheme of logs as documents: `sampan-log:/<container id>/web.log`. */
const scheme = 'sampan-log';

/** Bytes that one answer may hold. */
const pageBytes = 1024 * 1024;

interface Followed {
  text: string;
  readonly stop: vscode.CancellationTokenSource;
}

/** Logs of containers as read-only documents, which can be searched, and which grow as long as they are open. */
export class LogDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #connection: Connection;
  readonly #changeEmitter = new vscode.EventEmitter<vscode.Uri>();
  readonly #followed = new Map<string, Followed>();
  readonly #subscription: vscode.Disposable;

  readonly onDidChange = this.#changeEmitter.event;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#subscription = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      this.#changeEmitter,
    );
  }

  /** Opens the log of a container in an editor. */
  async open({ id, name }: ContainerInfo): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${id}/${name}.log` });
    const document = await vscode.workspace.openTextDocument(uri);
    const end = document.lineAt(document.lineCount - 1).range.end;
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end) });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const known = this.#followed.get(uri.path);
    if (known !== undefined) return known.text;
    const followed: Followed = { text: '', stop: new vscode.CancellationTokenSource() };
    this.#followed.set(uri.path, followed);
    const cursor = await this.#read(uri, followed, { follow: false });
    this.#read(uri, followed, { follow: true, cursor }).catch(error => {
      if (!isCancelled(error)) this.#append(uri, followed, `\n${failureText(toFailure(error))}\n`);
    });
    return followed.text;
  }

  dispose(): void {
    for (const { stop } of this.#followed.values()) stop.cancel();
    this.#subscription.dispose();
  }

  /** Reads pages until the log ends, and returns where it stopped. */
  async #read(
    uri: vscode.Uri,
    followed: Followed,
    how: { readonly follow: boolean; readonly cursor?: string },
  ): Promise<string> {
    const container = uri.path.split('/')[1] ?? '';
    let cursor = how.cursor;
    for (;;) {
      const from = cursor === undefined ? { tail: setting('sampan.logs.tail') } : { cursor };
      const page = await this.#connection.request(
        'sampan/container/log',
        { container, follow: how.follow, maxBytes: pageBytes, ...from },
        followed.stop.token,
      );
      cursor = page.cursor;
      const text = page.records.map(record => record.text).join('');
      if (how.follow) this.#append(uri, followed, text);
      else followed.text += logText(text);
      if (page.end || (!how.follow && page.records.length === 0)) return cursor;
    }
  }

  #append(uri: vscode.Uri, followed: Followed, text: string): void {
    if (text === '') return;
    followed.text += logText(text);
    this.#changeEmitter.fire(uri);
  }

  #forget(uri: vscode.Uri): void {
    if (uri.scheme !== scheme) return;
    this.#followed.get(uri.path)?.stop.cancel();
    this.#followed.delete(uri.path);
  }
}
