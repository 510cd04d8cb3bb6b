import type { FilePlace } from '../../server/protocol/types.ts';
import type { Subject } from './subject.ts';

/** A row of a tree as a plain value: what VS Code is to show for one object, and its children. */
export interface Item {
  /** Stable as long as the object lives: VS Code keeps selection and expansion by it. Never holds a state or a time. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Codicon id and theme colour, or the file icon theme's. State is never told by colour alone. */
  readonly icon: { readonly id: string; readonly color?: string } | 'file' | 'folder';
  /** What a screen reader says: label and state in words. */
  readonly spoken: string;
  /** Words that the menus' `viewItem` conditions look for. */
  readonly contextValue: string;
  readonly subject: Subject;
  readonly children: readonly Item[];
  /** The children are asked for when the row is expanded; `children` is empty then. */
  readonly lazy?: Lazy;
  /** URI by which VS Code finds file icon and decoration. */
  readonly resource?: string;
  /** What a click does: the command gets these URIs, or the row itself when there are none. */
  readonly click?: { readonly command: string; readonly uris?: readonly string[] };
}

/** What is asked for when a row is expanded. */
export type Lazy =
  | { readonly kind: 'folder'; readonly place: FilePlace; readonly path: string }
  | { readonly kind: 'container-changes'; readonly container: string; readonly image: string }
  | { readonly kind: 'layers'; readonly image: string }
  | { readonly kind: 'layer'; readonly chainId: string };
