import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Connection } from '../connection.ts';
import { type ViewId, viewOfRow } from '../contributions.ts';
import { showFailure } from '../messages.ts';
import type { ObjectView } from '../views/objectView.ts';
import { mapGraph } from './mapGraph.ts';
import type { FromPage, ToPage } from './page/graph.ts';
import { pageHtml } from './pageHtml.ts';

const viewType = 'sampan.map';

/** The picture of images, containers, volumes and links, in an editor; as live as the trees. */
export class MapPanel {
  readonly #connection: Connection;
  readonly #views: ReadonlyMap<ViewId, ObjectView>;
  readonly #extension: vscode.Uri;
  #panel: vscode.WebviewPanel | undefined;
  #showUnused = false;
  #sent = '';
  #stale = false;
  #drawing: Promise<void> | undefined;

  constructor(
    context: vscode.ExtensionContext,
    services: { readonly connection: Connection; readonly views: ReadonlyMap<ViewId, ObjectView> },
  ) {
    this.#connection = services.connection;
    this.#views = services.views;
    this.#extension = context.extensionUri;
    context.subscriptions.push(
      this.#connection.onNotification('sampan/didChange', () => this.#refresh()),
      vscode.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: async panel => this.#adopt(panel),
      }),
    );
  }

  /** Opens the map, or brings it to the front. */
  open(): void {
    const title = vscode.l10n.t('Map');
    if (this.#panel !== undefined) this.#panel.reveal();
    else
      this.#adopt(
        vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, {
          enableFindWidget: false,
        }),
      );
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.#extension, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.onDidChangeViewState(() => this.#stale && this.#refresh());
    webview.onDidReceiveMessage((message: FromPage) => this.#receive(message));
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('base64'),
      cspSource: webview.cspSource,
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'map.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'map.css')).toString(),
    });
  }

  #receive(message: FromPage): void {
    switch (message.kind) {
      case 'ready':
      case 'show-unused':
        this.#showUnused = message.kind === 'ready' ? message.showUnused : message.on;
        // A page that was hidden starts with nothing.
        this.#sent = '';
        this.#refresh();
        break;
      case 'open':
        void this.#show(message.id).catch(showFailure);
    }
  }

  /** Selects the row that a node stands for, in its tree. */
  async #show(id: string): Promise<void> {
    const viewId = viewOfRow(id);
    if (viewId !== undefined) await this.#views.get(viewId)?.show(id);
  }

  /** One request at a time; what changes meanwhile is asked for after it. A hidden map asks when it is shown. */
  #refresh(): void {
    this.#stale = true;
    if (this.#panel?.visible !== true || this.#drawing !== undefined) return;
    this.#stale = false;
    this.#drawing = this.#draw()
      .catch(showFailure)
      .finally(() => {
        this.#drawing = undefined;
        if (this.#stale) this.#refresh();
      });
  }

  async #draw(): Promise<void> {
    const [{ images }, { containers }, { volumes }] = await Promise.all([
      this.#connection.request('sampan/image/list', {}),
      this.#connection.request('sampan/container/list', { all: true }),
      this.#connection.request('sampan/volume/list', {}),
    ]);
    const graph = mapGraph({ images, containers, volumes }, { showUnused: this.#showUnused });
    const text = JSON.stringify(graph);
    if (text === this.#sent) return;
    this.#sent = text;
    const message: ToPage = { kind: 'graph', graph };
    await this.#panel?.webview.postMessage(message);
  }
}
