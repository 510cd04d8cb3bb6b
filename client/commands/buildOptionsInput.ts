import * as vscode from 'vscode';
import type { BuildParams } from '../../server/protocol/types.ts';
import { parseAssignments } from './assignments.ts';

type Params = Omit<BuildParams, 'token' | 'dockerfile'>;

/** Asks for tag, target stage, build arguments and cache. Undefined when the user left. */
export async function askBuildOptions(defaults: Params): Promise<Params | undefined> {
  const tag = await vscode.window.showInputBox({
    title: vscode.l10n.t('Build with options (1/4)'),
    prompt: vscode.l10n.t('Name of the image'),
    value: defaults.tags[0] ?? '',
    ignoreFocusOut: true,
    validateInput: text => (text.trim() === '' ? vscode.l10n.t('An image needs a name.') : undefined),
  });
  if (tag === undefined) return undefined;
  const target = await vscode.window.showInputBox({
    title: vscode.l10n.t('Build with options (2/4)'),
    prompt: vscode.l10n.t('Stage to build. Leave empty for the last one.'),
    ignoreFocusOut: true,
  });
  if (target === undefined) return undefined;
  const args = await vscode.window.showInputBox({
    title: vscode.l10n.t('Build with options (3/4)'),
    prompt: vscode.l10n.t('Build arguments: NAME=value, separated by blanks'),
    placeHolder: 'VERSION=1.2 MODE=debug',
    ignoreFocusOut: true,
    validateInput: text => parseAssignments(text).problem,
  });
  if (args === undefined) return undefined;
  const cache = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('Use the cache'), noCache: false },
      { label: vscode.l10n.t('Build every step again'), noCache: true },
    ],
    { title: vscode.l10n.t('Build with options (4/4)'), ignoreFocusOut: true },
  );
  if (cache === undefined) return undefined;
  const given = parseAssignments(args);
  return {
    ...defaults,
    tags: [tag.trim()],
    noCache: cache.noCache,
    buildArgs: given.problem === undefined ? given.values : {},
    ...(target.trim() === '' ? {} : { target: target.trim() }),
  };
}
