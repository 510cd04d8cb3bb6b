import * as vscode from 'vscode';
import type { ObjectKind } from '../../server/protocol/types.ts';
import type { Connection } from '../connection.ts';
import type { CommandId, ViewId } from '../contributions.ts';
import { failureText, isCancelled, toFailure } from '../failure.ts';
import { fileUri } from '../files/fileUri.ts';
import type { Item, Lazy } from './item.ts';
import { lazyItems } from './lazyItems.ts';
import { fillRow, type Row, Rows } from './rows.ts';
import { themeIcon } from './themeIcon.ts';
import { tooltip } from './tooltips.ts';

export interface ObjectViewOptions {
  readonly id: ViewId;
  /** Kinds of objects whose change makes the list stale. */
  readonly kinds: readonly ObjectKind[];
  readonly load: (connection: Connection) => Promise<readonly Item[]>;
  /** Called with every new list, e.g. to set the badge. */
  readonly onItems?: (view: vscode.TreeView<Row>, items: readonly Item[]) => void;
}

/**
 * A tree of objects. A change only marks it stale; a visible stale view asks for one new list, a hidden one waits
 * until it is shown. The old rows stay until the new ones are there, and only rows that changed are drawn again.
 */
export class ObjectView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #options: ObjectViewOptions;
  readonly #view: vscode.TreeView<Row>;
  readonly #changeEmitter = new vscode.EventEmitter<Row[] | undefined>();
  readonly #subscriptions: vscode.Disposable[] = [this.#changeEmitter];
  readonly #rows = new Rows();
  #stale = true;
  /** VS Code has asked for the top level before; until then it has nothing to draw again. */
  #drawn = false;
  /** Times that VS Code waits for the top level right now. */
  #asked = 0;
  #loading: Promise<void> | undefined;

  readonly onDidChangeTreeData = this.#changeEmitter.event;

  constructor(connection: Connection, options: ObjectViewOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#view = vscode.window.createTreeView(options.id, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.#subscriptions.push(
      this.#view,
      this.#view.onDidChangeVisibility(({ visible }) => visible && this.#refreshIfStale()),
      connection.onNotification('sampan/didChange', ({ kinds }) => {
        if (kinds.some(kind => options.kinds.includes(kind))) this.refresh();
      }),
      connection.onDidChangeState(state => {
        if (state === 'ready' || state === 'failed') this.refresh();
      }),
    );
  }

  /** Marks the list stale; asks for a new one when the view is visible. */
  refresh(): void {
    this.#stale = true;
    if (this.#view.visible) this.#refreshIfStale();
  }

  /** The current rows, brought up to date first. */
  async rows(): Promise<readonly Row[]> {
    while (this.#stale || this.#loading) await this.#load();
    return this.#rows.roots;
  }

  /** The rows that are selected. */
  get selection(): readonly Row[] {
    return this.#view.selection;
  }

  /** Selects the row with this id when the view is visible; never opens the view. */
  async reveal(id: string): Promise<void> {
    const row = await this.row(id);
    if (row !== undefined && this.#view.visible) await this.#view.reveal(row, { select: true, focus: false });
  }

  /** Opens the view and selects the row with this id. */
  async show(id: string): Promise<void> {
    const row = await this.row(id);
    if (row !== undefined) await this.#view.reveal(row, { select: true, focus: true });
  }

  /** The row at the top with this id. */
  async row(id: string): Promise<Row | undefined> {
    return (await this.rows()).find(({ item }) => item.id === id);
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row?.item.lazy !== undefined) return this.#expand(row, row.item.lazy);
    if (row !== undefined) return [...row.children];
    this.#drawn = true;
    this.#asked++;
    try {
      return [...(await this.rows())];
    } finally {
      this.#asked--;
    }
  }

  getParent(row: Row): Row | undefined {
    return row.parent;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const { item } = row;
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const open = item.subject.kind === 'network' || item.subject.kind === 'endpoint' ? Expanded : Collapsed;
    const leaf = item.children.length === 0 && item.lazy === undefined;
    const shown = new vscode.TreeItem(item.label, leaf ? None : open);
    shown.id = item.id;
    if (item.description !== undefined) shown.description = item.description;
    shown.iconPath = themeIcon(item.icon);
    if (item.resource !== undefined) shown.resourceUri = vscode.Uri.parse(item.resource);
    shown.contextValue = item.contextValue;
    shown.accessibilityInformation = { label: item.spoken };
    if (item.contextValue === 'port web') {
      const command: CommandId = 'sampan.container.openInBrowser';
      shown.command = { command, title: vscode.l10n.t('Open in Browser'), arguments: [row] };
    }
    if (item.click !== undefined) {
      const { command, uris } = item.click;
      const title = vscode.l10n.t('Open');
      shown.command = { command, title, arguments: uris?.map(uri => vscode.Uri.parse(uri)) ?? [row] };
    }
    return shown;
  }

  resolveTreeItem(shown: vscode.TreeItem, row: Row): vscode.TreeItem {
    const text = tooltip(row.subject, new Date());
    if (text !== undefined) shown.tooltip = new vscode.MarkdownString(text, true);
    return shown;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  /** Draws the rows anew that list this folder. */
  refreshFolder(uri: vscode.Uri): void {
    const folder = uri.toString();
    const rows = this.#rows.find(
      ({ item: { lazy } }) =>
        lazy?.kind === 'folder' && vscode.Uri.parse(fileUri(lazy.place, lazy.path)).toString() === folder,
    );
    if (rows.length > 0) this.#changeEmitter.fire([...rows]);
  }

  async #expand(row: Row, lazy: Lazy): Promise<Row[]> {
    try {
      return [...fillRow(row, await lazyItems(this.#connection, row.item.id, lazy))];
    } catch (error) {
      if (isCancelled(error)) return [];
      throw new Error(failureText(toFailure(error)));
    }
  }

  #refreshIfStale(): void {
    if (this.#stale && this.#loading === undefined) void this.#load();
  }

  /** One load at a time; joins the one under way. */
  #load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined;
      // Something changed while the list was under way.
      if (this.#view.visible) this.#refreshIfStale();
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    this.#stale = false;
    try {
      this.#show(await this.#options.load(this.#connection));
    } catch (error) {
      if (isCancelled(error)) return;
      // Without a server the welcome view says so, with the way out.
      const text = this.#connection.state === 'failed' ? undefined : failureText(toFailure(error));
      this.#show([], text);
    }
  }

  #show(items: readonly Item[], message = ''): void {
    if (this.#view.message !== message) this.#view.message = message;
    const redraw = this.#rows.update(items);
    if (redraw !== 'everything' && redraw.length === 0) return;
    this.#options.onItems?.(this.#view, items);
    // What VS Code waits for it gets as the answer.
    if (!this.#drawn || this.#asked > 0) return;
    this.#changeEmitter.fire(redraw === 'everything' ? undefined : [...redraw]);
  }
}
