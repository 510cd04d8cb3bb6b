/** What the map shows, as plain values: the extension sends it, the page draws it. */

export type NodeKind = 'image' | 'container' | 'volume';

export interface MapNode {
  /** Id of the row that stands for the same thing in a tree. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  /** Second line: state and ports of a container, size of an image. */
  readonly detail: string;
  readonly state: 'plain' | 'running' | 'paused' | 'failed';
  /** What a screen reader says of it. */
  readonly spoken: string;
  /** Words that menus look for, as those of the row. */
  readonly contextValue: string;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'runs' | 'mounts' | 'links';
  /** Alias of a link, target of a mount; empty for a container's image. */
  readonly label: string;
  /** A link whose other end does not run. */
  readonly broken: boolean;
  readonly spoken: string;
}

export interface MapGraph {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** Images and volumes that no container uses, which are not drawn. */
  readonly unused: number;
}

/** The texts of the page, in the user's language. */
export interface PageTexts {
  readonly map: string;
  readonly list: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly showUnused: string;
  readonly empty: string;
  readonly image: string;
  readonly container: string;
  readonly volume: string;
}

export type ToPage = { readonly kind: 'graph'; readonly graph: MapGraph };

export type FromPage =
  | { readonly kind: 'ready'; readonly showUnused: boolean }
  | { readonly kind: 'show-unused'; readonly on: boolean }
  | { readonly kind: 'open'; readonly id: string };
