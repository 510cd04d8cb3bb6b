import { basename, dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { BuildParams, BuildResult } from '../../server/protocol/types.ts';
import { successText } from '../build/builds.ts';
import { defaultTag, stageTag } from '../build/imageName.ts';
import { failureText, toFailure } from '../failure.ts';
import { showFailure } from '../messages.ts';
import { setting } from '../settings.ts';
import { buildHistoryCommands } from './buildHistoryCommands.ts';
import { askBuildOptions } from './buildOptionsInput.ts';
import { dockerfileTarget } from './dockerfileTarget.ts';
import { exposedPorts } from './portsInput.ts';
import { runDefaults, runImage } from './runImage.ts';
import type { CommandsOf, Services } from './services.ts';

type Params = Omit<BuildParams, 'token' | 'dockerfile'>;

/** Commands on Dockerfiles. */
export function buildCommands(services: Services): CommandsOf<'sampan.build'> {
  return {
    ...buildHistoryCommands(services, async ({ document, params }) => {
      const result = await build(services, vscode.Uri.parse(document), params);
      if (result) await offerRun(services, result);
    }),
    'sampan.build': async (...args) => {
      const uri = await dockerfileTarget(args);
      const result = uri && (await build(services, uri, buildParams(services, uri)));
      if (result) await offerRun(services, result);
    },
    'sampan.buildToHere': async (...args) => {
      const uri = await dockerfileTarget(args);
      const [, target] = args;
      if (uri === undefined || typeof target !== 'string') return;
      const { tags, ...params } = buildParams(services, uri);
      const stage = tags.map(tag => stageTag(tag, target));
      const result = await build(services, uri, { ...params, tags: stage, target });
      if (result) await offerRun(services, result);
    },
    'sampan.buildWithOptions': async (...args) => {
      const uri = await dockerfileTarget(args);
      if (uri === undefined) return;
      const params = await askBuildOptions(buildParams(services, uri));
      if (params === undefined) return;
      await services.memento.update(tagKey(uri), params.tags[0]);
      const result = await build(services, uri, params);
      if (result) await offerRun(services, result);
    },
    'sampan.buildAndRun': async (...args) => {
      const uri = await dockerfileTarget(args);
      const result = uri && (await build(services, uri, buildParams(services, uri)));
      if (result) await run(services, result);
    },
  };
}

/** Where the tag last used for a Dockerfile is remembered. */
function tagKey(uri: vscode.Uri): string {
  return `tag:${uri.toString()}`;
}

/** How a Dockerfile is built when nobody says otherwise. */
export function buildParams({ memento }: Pick<Services, 'memento'>, uri: vscode.Uri): Params {
  const folder = dirname(uri.fsPath);
  const remembered = memento.get<string>(tagKey(uri));
  return {
    contextDirectory: contextFolder(uri),
    tags: [remembered ?? defaultTag(basename(folder), basename(uri.fsPath))],
    noCache: setting('sampan.build.noCache', uri),
  };
}

/** The setting's folder, seen from the workspace folder; without one the Dockerfile's own folder. */
function contextFolder(uri: vscode.Uri): string {
  const folder = dirname(uri.fsPath);
  const chosen = setting('sampan.build.contextFolder', uri);
  if (chosen === '') return folder;
  return resolve(vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? folder, chosen);
}

async function build(services: Services, uri: vscode.Uri, params: Params): Promise<BuildResult | undefined> {
  if (services.builds.isRunning(uri)) {
    const cancel = vscode.l10n.t('Cancel It');
    const message = vscode.l10n.t('{0} is being built already.', vscode.workspace.asRelativePath(uri));
    if ((await vscode.window.showWarningMessage(message, cancel)) === cancel) services.builds.cancel(uri);
    return undefined;
  }
  try {
    return await services.builds.run({ document: uri, params });
  } catch (error) {
    void showBuildFailure(services, { uri, error });
    return undefined;
  }
}

/** The output is in the terminal and the finding on its line; the message leads there. */
async function showBuildFailure(
  { builds }: Services,
  failed: { readonly uri: vscode.Uri; readonly error: unknown },
): Promise<void> {
  const selection = builds.failedAt(failed.uri);
  if (selection === undefined) return showFailure(failed.error);
  const showLine = vscode.l10n.t('Show Line');
  const message = failureText(toFailure(failed.error));
  if ((await vscode.window.showErrorMessage(message, showLine)) === showLine)
    await vscode.window.showTextDocument(failed.uri, {
      selection: new vscode.Range(selection.start, selection.start),
    });
}

async function offerRun(services: Services, result: BuildResult): Promise<void> {
  const answer = vscode.l10n.t('Run');
  if ((await vscode.window.showInformationMessage(successText(result), answer)) === answer)
    await run(services, result);
}

async function run(services: Services, { imageId, tags: [name = imageId] }: BuildResult): Promise<void> {
  if (imageId === undefined || name === undefined) return;
  const image = await services.connection.request('sampan/image/inspect', { image: imageId });
  await runImage(services, {
    ...runDefaults(name),
    ports: exposedPorts(image.exposedPorts, setting('sampan.run.publishAddress')),
  });
}
