import * as vscode from 'vscode';
import type { ViewId } from '../contributions.ts';
import type { Row } from '../views/rows.ts';
import type { SubjectKind, SubjectOf } from '../views/subject.ts';
import { themeIcon } from '../views/themeIcon.ts';
import type { Services } from './services.ts';

export interface Choice<K extends SubjectKind> {
  readonly view: ViewId;
  readonly kind: K;
  readonly title: string;
  /** Which objects the command can act on. */
  readonly where?: (subject: SubjectOf<K>) => boolean;
}

/** What a key binding passes: VS Code tells a command that a key calls nothing about the tree. */
export const selection = 'selection';

/**
 * What a command acts on: the rows of a tree that were chosen in its menu or are selected when a key is pressed, or
 * what the user picks when it came from the palette. A row that was pressed while VS Code read its tree anew arrives
 * as nothing; then too it is asked for.
 */
export async function chosenSubjects<K extends SubjectKind>(
  args: readonly unknown[],
  services: Services,
  choice: Choice<K>,
): Promise<readonly SubjectOf<K>[]> {
  const fits = (subject: { readonly kind: SubjectKind }): subject is SubjectOf<K> =>
    subject.kind === choice.kind && (choice.where?.(subject as SubjectOf<K>) ?? true);
  const view = services.views.get(choice.view);
  const chosen = args[0] === selection ? (view?.selection ?? []) : chosenRows(args);
  if (chosen !== undefined) return chosen.map(({ subject }) => subject).filter(fits);
  const rows = (await view?.rows()) ?? [];
  const picks = rows.flatMap(({ item: { label, description = '', icon, subject } }) =>
    fits(subject) ? [{ label, description, subject, iconPath: themeIcon(icon) }] : [],
  );
  if (picks.length === 0) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('There is nothing to choose: {0}', choice.title),
    );
    return [];
  }
  const pick = await vscode.window.showQuickPick(picks, { title: choice.title, matchOnDescription: true });
  return pick === undefined ? [] : [pick.subject];
}

/** The rows that a menu passes: the one under the pointer, or all that are selected with it. */
function chosenRows(args: readonly unknown[]): readonly Row[] | undefined {
  const [clicked, selected] = args as [Row | undefined, readonly (Row | undefined)[] | undefined];
  if (clicked?.subject === undefined) return undefined;
  return (selected ?? [clicked]).filter(row => row !== undefined);
}
