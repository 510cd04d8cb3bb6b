import * as vscode from 'vscode';
import type { ObjectKind } from '../../server/protocol/types.ts';
import type { Connection } from '../connection.ts';
import type { CommandId, ViewId } from '../contributions.ts';
import { failureText, isCancelled, toFailure } from '../failure.ts';
import type { Item } from './item.ts';
import { tooltip } from './tooltips.ts';

export interface ObjectViewOptions {
  readonly id: ViewId;
  /** Kinds of objects whose change makes the list stale. */
  readonly kinds: readonly ObjectKind[];
  readonly load: (connection: Connection) => Promise<readonly Item[]>;
  /** Called with every new list, e.g. to set the badge. */
  readonly onItems?: (view: vscode.TreeView<Item>, items: readonly Item[]) => void;
}

/**
 * A tree of objects. A change only marks it stale; a visible stale view asks for one new list, a hidden one waits
 * until it is shown. The old rows stay until the new ones are there, so nothing flickers.
 */
export class ObjectView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #options: ObjectViewOptions;
  readonly #view: vscode.TreeView<Item>;
  readonly #changeEmitter = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: vscode.Disposable[] = [this.#changeEmitter];
  #items: readonly Item[] = [];
  #stale = true;
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
  async items(): Promise<readonly Item[]> {
    while (this.#stale || this.#loading) await this.#load();
    return this.#items;
  }

  /** Selects the row with this id when the view is visible; never opens the view. */
  async reveal(id: string): Promise<void> {
    const item = (await this.items()).find(item => item.id === id);
    if (item !== undefined && this.#view.visible)
      await this.#view.reveal(item, { select: true, focus: false });
  }

  async getChildren(item?: Item): Promise<Item[]> {
    return [...(item === undefined ? await this.items() : item.children)];
  }

  getParent(item: Item): Item | undefined {
    return this.#items.find(root => root.children.includes(item));
  }

  getTreeItem(item: Item): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const open = item.subject.kind === 'network' || item.subject.kind === 'endpoint' ? Expanded : Collapsed;
    const row = new vscode.TreeItem(item.label, item.children.length === 0 ? None : open);
    row.id = item.id;
    if (item.description !== undefined) row.description = item.description;
    const color = item.icon.color === undefined ? undefined : new vscode.ThemeColor(item.icon.color);
    row.iconPath = new vscode.ThemeIcon(item.icon.id, color);
    row.contextValue = item.contextValue;
    row.accessibilityInformation = { label: item.spoken };
    if (item.contextValue === 'port web') {
      const command: CommandId = 'sampan.container.openInBrowser';
      row.command = { command, title: vscode.l10n.t('Open in Browser'), arguments: [item] };
    }
    return row;
  }

  resolveTreeItem(row: vscode.TreeItem, item: Item): vscode.TreeItem {
    const text = tooltip(item.subject, new Date());
    if (text !== undefined) row.tooltip = new vscode.MarkdownString(text, true);
    return row;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
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
      this.#show(await this.#options.load(this.#connection), undefined);
    } catch (error) {
      if (isCancelled(error)) return;
      // Without a server the welcome view says so, with the way out.
      const text = this.#connection.state === 'failed' ? undefined : failureText(toFailure(error));
      this.#show([], text);
    }
  }

  #show(items: readonly Item[], message: string | undefined): void {
    const changed = JSON.stringify(items) !== JSON.stringify(this.#items);
    this.#view.message = message ?? '';
    if (!changed) return;
    this.#items = items;
    this.#options.onItems?.(this.#view, items);
    this.#changeEmitter.fire(undefined);
  }
}
