import type { FileDifference, FilePlace } from '../../server/protocol/types.ts';
import { fileUri } from '../files/fileUri.ts';
import type { Item } from './item.ts';

/** What changed, and between which two states of the files. */
export interface Changes {
  readonly changes: readonly FileDifference[];
  readonly before: FilePlace | undefined;
  readonly after: FilePlace;
}

interface Node {
  readonly children: Map<string, Node>;
  readonly path: string;
  kind: FileDifference['kind'] | undefined;
}

const letters = { A: 'A', C: 'M', D: 'D' } as const;
const words = { A: 'added', C: 'modified', D: 'deleted' } as const;

/** The files that changed as a tree of their folders, below the row `owner`. */
export function changeItems(owner: string, changes: Changes): readonly Item[] {
  const root: Node = { children: new Map(), path: '', kind: undefined };
  for (const { kind, path } of changes.changes) nodeAt(root, path).kind = kind;
  return itemsBelow(root, { owner, changes });
}

function nodeAt(root: Node, path: string): Node {
  let node = root;
  for (const name of path.split('/').filter(Boolean)) {
    const below = node.children.get(name) ?? {
      children: new Map(),
      path: `${node.path}/${name}`,
      kind: undefined,
    };
    node.children.set(name, below);
    node = below;
  }
  return node;
}

interface Context {
  readonly owner: string;
  readonly changes: Changes;
}

function itemsBelow(node: Node, context: Context): readonly Item[] {
  return [...node.children.values()]
    .sort((a, b) => Number(b.children.size > 0) - Number(a.children.size > 0) || a.path.localeCompare(b.path))
    .map(below => (below.children.size > 0 ? folderItem(below, context) : changeItem(below, context)));
}

/** Folders of one child are drawn as one row, `usr/share/doc`. */
function folderItem(first: Node, context: Context): Item {
  let node = first;
  const names = [nameOf(first)];
  for (;;) {
    const [only] = node.children.values();
    if (node.children.size !== 1 || only === undefined || only.children.size === 0) break;
    names.push(nameOf(only));
    node = only;
  }
  const label = names.join('/');
  return {
    id: `${context.owner}/changes${node.path}`,
    label,
    icon: { id: 'folder' },
    spoken: `folder ${label}`,
    contextValue: 'changes',
    subject: { kind: 'changes' },
    children: itemsBelow(node, context),
  };
}

function changeItem(node: Node, { owner, changes }: Context): Item {
  const kind = node.kind ?? 'C';
  const label = nameOf(node);
  const { before, after } = changes;
  const place = kind === 'D' ? (before ?? after) : after;
  return {
    id: `${owner}/changes${node.path}`,
    label,
    icon: 'file',
    spoken: `${label}, ${words[kind]}`,
    contextValue: 'change',
    subject: { kind: 'change', change: kind, path: node.path, before, after },
    children: [],
    resource: fileUri(place, node.path, letters[kind]),
    click: { command: 'sampan.files.showChange' },
  };
}

function nameOf({ path }: Node): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
