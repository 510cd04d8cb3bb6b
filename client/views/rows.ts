import type { Item } from './item.ts';
import type { Subject } from './subject.ts';

/**
 * A row as VS Code knows it: the same object as long as its id is listed, with what the latest list says about it.
 * VS Code redraws one row only when it gets the object that it was given; commands get it too.
 */
export class Row {
  item: Item;
  readonly parent: Row | undefined;
  children: readonly Row[] = [];

  constructor(item: Item, parent: Row | undefined) {
    this.item = item;
    this.parent = parent;
  }

  get subject(): Subject {
    return this.item.subject;
  }
}

/** What VS Code is to ask for again: these rows with all below them, or everything. */
export type Redraw = readonly Row[] | 'everything';

/** The rows of a tree, brought up to date by new lists. */
export class Rows {
  #roots: readonly Row[] = [];

  get roots(): readonly Row[] {
    return this.#roots;
  }

  /** All rows at any depth that have been asked for and match. */
  find(matches: (row: Row) => boolean): readonly Row[] {
    const below = (rows: readonly Row[]): readonly Row[] =>
      rows.flatMap(row => [...(matches(row) ? [row] : []), ...below(row.children)]);
    return below(this.#roots);
  }

  /**
   * Takes over a new list and tells the least that must be redrawn. As long as VS Code reads everything again, what is
   * pressed arrives without its row: so everything only when rows of the top level come, go or change places.
   */
  update(items: readonly Item[]): Redraw {
    const before = this.#roots;
    this.#roots = merge(before, items, undefined);
    if (!sameRows(before, this.#roots)) {
      for (const [index, root] of this.#roots.entries()) adopt(root, items[index] as Item);
      return 'everything';
    }
    return this.#roots.flatMap((row, index) => updateRow(row, items[index] as Item));
  }
}

/** Gives a row whose children are asked for those that were found; rows that were there stay what they are. */
export function fillRow(row: Row, items: readonly Item[]): readonly Row[] {
  row.children = merge(row.children, items, row);
  for (const [index, child] of row.children.entries()) adopt(child, items[index] as Item);
  return row.children;
}

/** The rows for new items: those that were there already stay what they are. */
function merge(before: readonly Row[], items: readonly Item[], parent: Row | undefined): readonly Row[] {
  const byId = new Map(before.map(row => [row.item.id, row]));
  return items.map(item => byId.get(item.id) ?? new Row(item, parent));
}

function sameRows(before: readonly Row[], after: readonly Row[]): boolean {
  return before.length === after.length && before.every((row, index) => row === after[index]);
}

/** Rows to redraw at and below this one. */
function updateRow(row: Row, item: Item): readonly Row[] {
  const before = row.children;
  const changed = ownFacts(row.item) !== ownFacts(item);
  if (item.lazy !== undefined) {
    row.item = item;
    return changed ? [row] : [];
  }
  const after = merge(before, item.children, row);
  if (changed || !sameRows(before, after)) {
    adopt(row, item);
    return [row];
  }
  row.item = item;
  return before.flatMap((child, index) => updateRow(child, item.children[index] as Item));
}

function adopt(row: Row, item: Item): void {
  row.item = item;
  // What was asked for stays until it is asked for again.
  if (item.lazy !== undefined) return;
  row.children = merge(row.children, item.children, row);
  for (const [index, child] of row.children.entries()) adopt(child, item.children[index] as Item);
}

/** All that a row shows by itself, comparable. */
function ownFacts(item: Item): string {
  return JSON.stringify({ ...item, children: [] });
}
