import type { MapEdge, MapGraph, MapNode } from './graph.ts';
import { type Layout, nodeHeight, nodeWidth, type Point } from './layout.ts';

const namespace = 'http://www.w3.org/2000/svg';

/** Letters that fit into a node, about. */
const labelLength = 24;
const detailLength = 30;

/** The drawing of a graph: edges below, nodes above. */
export function draw(graph: MapGraph, layout: Layout): SVGGElement {
  const group = element('g', {});
  for (const [index, edge] of graph.edges.entries()) group.append(drawEdge(edge, layout.edges[index] ?? []));
  for (const node of graph.nodes) {
    const at = layout.nodes.get(node.id);
    if (at !== undefined) group.append(drawNode(node, at));
  }
  return group;
}

/** An element of SVG with attributes. */
export function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: { readonly [name: string]: string | number },
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** The end of a line: one arrow for all, in the colour of its line. */
export function arrowHead(): SVGDefsElement {
  const defs = element('defs', {});
  const marker = element('marker', {
    id: 'arrow',
    viewBox: '0 0 8 8',
    refX: 7,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    orient: 'auto-start-reverse',
  });
  marker.append(element('path', { d: 'M0 0 8 4 0 8z', fill: 'context-stroke' }));
  defs.append(marker);
  return defs;
}

/** What VS Code's menus are told of a node: which row it is, and what it can do. */
export function contextOf({ id, kind, contextValue }: MapNode): string {
  return JSON.stringify({
    webviewSection: kind,
    sampanItem: contextValue,
    sampanRow: id,
    preventDefaultContextMenuItems: true,
  });
}

function drawNode(node: MapNode, { x, y }: Point): SVGGElement {
  const group = element('g', {
    class: `node ${node.kind} ${node.state}`,
    transform: `translate(${x - nodeWidth / 2} ${y - nodeHeight / 2})`,
    role: 'button',
    tabindex: -1,
    'aria-label': node.spoken,
    'data-id': node.id,
    'data-vscode-context': contextOf(node),
  });
  const title = element('title', {});
  title.textContent = node.spoken;
  group.append(
    title,
    element('rect', { width: nodeWidth, height: nodeHeight, rx: node.kind === 'volume' ? 20 : 4 }),
    element('circle', { class: 'mark', cx: 16, cy: 17, r: 5 }),
    text(node.label, { class: 'label', x: 28, y: 21, length: labelLength }),
    text(node.detail, { class: 'detail', x: 12, y: 38, length: detailLength }),
  );
  return group;
}

function drawEdge(edge: MapEdge, points: readonly Point[]): SVGGElement {
  const group = element('g', {
    class: `edge ${edge.kind}${edge.broken ? ' broken' : ''}`,
    'aria-hidden': 'true',
  });
  const title = element('title', {});
  title.textContent = edge.spoken;
  group.append(title, element('path', { d: curve(points), 'marker-end': 'url(#arrow)' }));
  const middle = points[Math.floor(points.length / 2)];
  if (middle !== undefined && edge.label !== '')
    group.append(text(edge.label, { class: 'label', x: middle.x, y: middle.y - 4, length: labelLength }));
  return group;
}

/** A smooth line through the middles of the points that the layout gives. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1] ?? last;
    const end = index === rest.length - 1 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    path += `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  }
  return rest.length === 0 ? `${path}L${last.x} ${last.y}` : path;
}

function text(
  content: string,
  place: { readonly class: string; readonly x: number; readonly y: number; readonly length: number },
): SVGTextElement {
  const { length, ...attributes } = place;
  const made = element('text', attributes);
  made.textContent = content.length > length ? `${content.slice(0, length - 1)}…` : content;
  return made;
}
