import * as vscode from 'vscode';
import type { Connection } from '../connection.ts';
import { toFailure } from '../failure.ts';
import { sizeText } from '../views/words.ts';
import type { Services } from './services.ts';
import { type Candidate, unused } from './unused.ts';

interface Pick extends vscode.QuickPickItem {
  readonly candidate?: Candidate;
}

/** Shows what nothing uses, what removing it frees, and removes what the user chooses. */
export async function prune({ connection }: Services): Promise<void> {
  const [{ containers }, { images }, { volumes }] = await Promise.all([
    connection.request('sampan/container/list', { all: true }),
    connection.request('sampan/image/list', {}),
    connection.request('sampan/volume/list', {}),
  ]);
  const candidates = unused({ containers, images, volumes });
  if (candidates.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing to remove: all is in use.'));
    return;
  }
  const chosen = await choose(candidates);
  if (chosen.length === 0) return;
  const left: string[] = [];
  for (const candidate of chosen) if (!(await removed(connection, candidate))) left.push(candidate.label);
  const kept = left.length === 0 ? '' : ` ${vscode.l10n.t('In use by now: {0}.', left.join(', '))}`;
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Removed {0} of {1}.', chosen.length - left.length, chosen.length) + kept,
  );
}

/** A list to tick off; what docker's `prune` takes is ticked. */
function choose(candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
  const picker = vscode.window.createQuickPick<Pick>();
  picker.canSelectMany = true;
  picker.ignoreFocusOut = true;
  picker.matchOnDescription = true;
  picker.items = sections(candidates);
  picker.selectedItems = picker.items.filter(({ candidate }) => candidate?.usual);
  const tell = (picks: readonly Pick[]) => {
    picker.title = vscode.l10n.t('Remove what nothing uses: {0}', summary(candidatesOf(picks)));
  };
  tell(picker.selectedItems);
  picker.onDidChangeSelection(tell);
  return new Promise(resolve => {
    picker.onDidAccept(() => {
      resolve(candidatesOf(picker.selectedItems));
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve([]);
      picker.dispose();
    });
    picker.show();
  });
}

function sections(candidates: readonly Candidate[]): readonly Pick[] {
  const titles: { readonly [K in Candidate['kind']]: string } = {
    container: vscode.l10n.t('Containers that do not run'),
    image: vscode.l10n.t('Images without a container'),
    volume: vscode.l10n.t('Volumes without a container'),
  };
  return candidates.flatMap((candidate, index) => {
    const { kind, label, description } = candidate;
    const pick: Pick = { label, description, candidate };
    if (candidates[index - 1]?.kind === kind) return [pick];
    return [{ label: titles[kind], kind: vscode.QuickPickItemKind.Separator }, pick];
  });
}

function candidatesOf(picks: readonly Pick[]): readonly Candidate[] {
  return picks.flatMap(({ candidate }) => candidate ?? []);
}

/** `3 chosen`, `3 chosen, up to 12MB`: images may share layers with others. */
function summary(chosen: readonly Candidate[]): string {
  const bytes = chosen.reduce((sum, candidate) => sum + candidate.bytes, 0);
  return bytes === 0
    ? vscode.l10n.t('{0} chosen', chosen.length)
    : vscode.l10n.t('{0} chosen, up to {1}', chosen.length, sizeText(bytes));
}

/** False for what came into use since it was shown; what is gone already is fine. */
async function removed(connection: Connection, { kind, id }: Candidate): Promise<boolean> {
  try {
    if (kind === 'container') await connection.request('sampan/container/remove', { container: id });
    else if (kind === 'image') await connection.request('sampan/image/remove', { image: id, force: true });
    else await connection.request('sampan/volume/remove', { volume: id });
    return true;
  } catch (error) {
    const { code } = toFailure(error);
    if (code === 'not-found') return true;
    if (code === 'conflict') return false;
    throw error;
  }
}
