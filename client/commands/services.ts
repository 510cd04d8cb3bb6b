import type * as vscode from 'vscode';
import type { BuildHistory } from '../build/buildHistory.ts';
import type { Builds } from '../build/builds.ts';
import type { Connection } from '../connection.ts';
import type { CommandId, ViewId } from '../contributions.ts';
import type { Documents } from '../documents.ts';
import type { LogDocuments } from '../logDocuments.ts';
import type { MapPanel } from '../map/mapPanel.ts';
import type { ObjectView } from '../views/objectView.ts';
import type { ShownStep } from '../views/views.ts';

/** What commands work with. */
export interface Services {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly logDocuments: LogDocuments;
  readonly builds: Builds;
  readonly history: BuildHistory;
  readonly shownStep: ShownStep;
  readonly views: ReadonlyMap<ViewId, ObjectView>;
  readonly map: MapPanel;
  readonly log: vscode.LogOutputChannel;
  /** Remembers choices per workspace. */
  readonly memento: vscode.Memento;
}

/** Called with what the menu, lens or tree passes: a resource, or the row and all selected rows. */
export type CommandHandler = (...args: unknown[]) => Promise<void> | void;

/** Commands whose id begins with `P`, all of them: a forgotten one does not compile. */
export type CommandsOf<P extends string> = {
  readonly [C in Extract<CommandId, `${P}${string}`>]: CommandHandler;
};
