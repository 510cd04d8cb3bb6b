import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { buildParams } from '../commands/buildCommands.ts';
import { findDockerfiles } from '../commands/dockerfileTarget.ts';
import type { Services } from '../commands/services.ts';
import { type BuildTask, definitionProblem, type RunTask } from './definitions.ts';
import { runContainer } from './runContainer.ts';
import { TaskTerminal, type TaskWork } from './taskTerminal.ts';

type Definition = BuildTask | RunTask;

/** Problem matcher of what a build task prints, contributed by package.json. */
const matcher = '$sampan-build';

/** Tasks that build Dockerfiles and run images: one for each Dockerfile, and what tasks.json defines. */
export function registerTasks(services: Services, subscriptions: vscode.Disposable[]): void {
  subscriptions.push(
    vscode.tasks.registerTaskProvider('sampan-build', {
      provideTasks: async () => (vscode.workspace.isTrusted ? buildTasks(services) : []),
      resolveTask: task => resolved(services, task),
    }),
    vscode.tasks.registerTaskProvider('sampan-run', {
      provideTasks: () => [],
      resolveTask: task => resolved(services, task),
    }),
  );
}

async function buildTasks(services: Services): Promise<vscode.Task[]> {
  const files = await findDockerfiles();
  return files.flatMap(uri => {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder === undefined) return [];
    const dockerfile = vscode.workspace.asRelativePath(uri, false);
    const definition: BuildTask = { type: 'sampan-build', dockerfile };
    const task = taskOf(services, { definition, scope: folder, name: dockerfile });
    task.group = vscode.TaskGroup.Build;
    return [task];
  });
}

/** A task of tasks.json with what it does; VS Code wants its very definition back. */
function resolved(services: Services, task: vscode.Task): vscode.Task | undefined {
  const definition = task.definition as Definition;
  const scope = task.scope ?? vscode.TaskScope.Workspace;
  return taskOf(services, { definition, scope, name: task.name });
}

function taskOf(
  services: Services,
  what: {
    readonly definition: Definition;
    readonly scope: vscode.WorkspaceFolder | vscode.TaskScope;
    readonly name: string;
  },
): vscode.Task {
  const { definition, scope, name } = what;
  const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
  const execution = new vscode.CustomExecution(
    async given => new TaskTerminal(workOf(services, given as Definition, folder)),
  );
  const matchers = definition.type === 'sampan-build' ? [matcher] : [];
  return new vscode.Task(definition, scope, name, 'sampan', execution, matchers);
}

function workOf(
  services: Services,
  definition: Definition,
  folder: vscode.WorkspaceFolder | undefined,
): TaskWork {
  return async (say, token) => {
    if (!vscode.workspace.isTrusted)
      throw new Error(vscode.l10n.t('Sampan builds and runs only in a workspace that you trust.'));
    const problem = definitionProblem(definition);
    if (problem !== undefined) throw new Error(problem);
    const base = folder?.uri.fsPath ?? '/';
    if (definition.type === 'sampan-run')
      return runContainer(services, { definition, folder: base, say, token });
    return build(services, { definition, base, say, token });
  };
}

async function build(
  services: Services,
  task: {
    readonly definition: BuildTask;
    readonly base: string;
    readonly say: (text: string) => void;
    readonly token: vscode.CancellationToken;
  },
): Promise<number> {
  const { definition, base, say, token } = task;
  const { dockerfile, context, tag, target, buildArgs, noCache } = definition;
  const document = vscode.Uri.file(resolve(base, dockerfile));
  const defaults = buildParams(services, document);
  const params = {
    ...defaults,
    contextDirectory:
      context === undefined
        ? (defaults.contextDirectory ?? dirname(document.fsPath))
        : resolve(base, context),
    ...(tag === undefined ? {} : { tags: [tag] }),
    ...(target === undefined ? {} : { target }),
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(noCache === undefined ? {} : { noCache }),
  };
  // What it failed with has been said.
  const result = await services.builds.runIn({ document, params }, { say, token }).catch(() => undefined);
  return result === undefined ? 1 : 0;
}
