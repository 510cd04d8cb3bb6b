import type { MapGraph, NodeKind, PageTexts } from './graph.ts';
import { contextOf } from './svg.ts';

const kinds: readonly NodeKind[] = ['container', 'image', 'volume'];

/** The same facts as the drawing, as lists of buttons: for screen readers, and for who reads rather than looks. */
export function listOf(graph: MapGraph, texts: PageTexts): DocumentFragment {
  const lists = document.createDocumentFragment();
  for (const kind of kinds) {
    const nodes = graph.nodes.filter(node => node.kind === kind);
    if (nodes.length === 0) continue;
    const title = document.createElement('h2');
    title.textContent = texts[kind];
    const list = document.createElement('ul');
    for (const node of nodes) {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.textContent = node.spoken;
      button.dataset.id = node.id;
      button.dataset.vscodeContext = contextOf(node);
      item.append(button, facts(graph, node.id));
      list.append(item);
    }
    lists.append(title, list);
  }
  return lists;
}

/** What begins at a node, in sentences. */
function facts({ edges }: MapGraph, id: string): HTMLUListElement {
  const list = document.createElement('ul');
  for (const { from, to, kind, spoken } of edges) {
    // An image's containers are said of each container.
    if (from !== id && !(kind === 'runs' && to === id)) continue;
    if (kind === 'runs' && from === id) continue;
    const item = document.createElement('li');
    item.textContent = spoken;
    list.append(item);
  }
  return list;
}
