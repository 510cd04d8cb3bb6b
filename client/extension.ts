import * as vscode from 'vscode';
import { BuildFindings } from './build/buildFindings.ts';
import { BuildHistory } from './build/buildHistory.ts';
import { Builds } from './build/builds.ts';
import { BuildTerminals } from './build/buildTerminals.ts';
import { registerBuildLenses } from './build/codeLens.ts';
import { StepDecorations } from './build/stepDecorations.ts';
import { registerCommands } from './commands/register.ts';
import { Connection } from './connection.ts';
import type { ViewId } from './contributions.ts';
import { Documents } from './documents.ts';
import { registerFileDrops } from './fileDrops.ts';
import { registerFiles } from './files/register.ts';
import { LogDocuments } from './logDocuments.ts';
import { MapPanel } from './map/mapPanel.ts';
import { askAboutOtherServers } from './otherServers.ts';
import { showServerState } from './serverStatus.ts';
import { showShellcheckState } from './shellcheckStatus.ts';
import { registerTasks } from './tasks/register.ts';
import type { ObjectView } from './views/objectView.ts';
import { createViews, type ShownStep } from './views/views.ts';

/** What the extension gives to its tests. */
export interface Exports {
  readonly connection: Connection;
  readonly views: ReadonlyMap<ViewId, ObjectView>;
}

let running: Connection | undefined;

/** Puts everything in place and starts the server without waiting for it. */
export function activate(context: vscode.ExtensionContext): Exports {
  const { subscriptions } = context;
  const log = vscode.window.createOutputChannel('Sampan', { log: true });
  const connection = new Connection(context, log);
  const documents = new Documents(connection);
  const logDocuments = new LogDocuments(connection);
  const findings = new BuildFindings(documents);
  const steps = new StepDecorations();
  const history = new BuildHistory(context);
  const shownStep: ShownStep = { items: [] };
  const builds = new Builds(connection, { terminals: new BuildTerminals(), findings, steps, history });
  const views = createViews({ connection, shownStep, history }, subscriptions);
  const services = {
    connection,
    documents,
    logDocuments,
    builds,
    history,
    shownStep,
    views,
    map: new MapPanel(context, { connection, views }),
    log,
    memento: context.workspaceState,
  };
  registerCommands(services, subscriptions);
  registerTasks(services, subscriptions);
  registerBuildLenses(subscriptions);
  registerFiles({ connection, views }, subscriptions);
  showServerState(connection, subscriptions);
  showShellcheckState(connection, subscriptions);
  registerFileDrops(subscriptions);
  subscriptions.push(askAboutOtherServers(context.globalState));
  subscriptions.push(log, documents, logDocuments, findings, steps, history);
  connection.start();
  running = connection;
  return { connection, views };
}

/** Ends the server; running containers go on. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}
