import { layout as arrange, Graph } from '@dagrejs/dagre';
import type { MapGraph } from './graph.ts';

export const nodeWidth = 190;
export const nodeHeight = 46;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is, in pixels: nodes by their centres, edges by the points that their lines go through. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Point>;
  readonly edges: readonly (readonly Point[])[];
}

/** From left to right: images, the containers that came from them, what those link to, the volumes that they hold. */
export function layoutOf({ nodes, edges }: MapGraph): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 110, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: nodeWidth, height: nodeHeight });
  for (const [index, { from, to }] of edges.entries()) graph.setEdge(from, to, {}, String(index));
  arrange(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: new Map(nodes.map(({ id }) => [id, graph.node(id) as Point])),
    edges: edges.map(({ from, to }, index) => graph.edge(from, to, String(index)).points as Point[]),
  };
}

/** The nodes that an arrow key goes to from one: the nearest in that direction. */
export function neighbour(
  { nodes }: Layout,
  from: string,
  direction: 'left' | 'right' | 'up' | 'down',
): string | undefined {
  const own = nodes.get(from);
  if (own === undefined) return undefined;
  let best: { id: string; far: number } | undefined;
  for (const [id, at] of nodes) {
    const [along, across] =
      direction === 'left' || direction === 'right'
        ? [at.x - own.x, at.y - own.y]
        : [at.y - own.y, at.x - own.x];
    const ahead = direction === 'left' || direction === 'up' ? -along : along;
    if (id === from || ahead < nodeHeight / 2) continue;
    const far = ahead + 2 * Math.abs(across);
    if (best === undefined || far < best.far) best = { id, far };
  }
  return best?.id;
}
