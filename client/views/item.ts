import type { Subject } from './subject.ts';

/** A row of a tree as a plain value: what VS Code is to show for one object, and its children. */
export interface Item {
  /** Stable as long as the object lives: VS Code keeps selection and expansion by it. Never holds a state or a time. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Codicon id and theme colour. State is never told by colour alone. */
  readonly icon: { readonly id: string; readonly color?: string };
  /** What a screen reader says: label and state in words. */
  readonly spoken: string;
  /** Words that the menus' `viewItem` conditions look for. */
  readonly contextValue: string;
  readonly subject: Subject;
  readonly children: readonly Item[];
}
