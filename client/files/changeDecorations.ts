import * as vscode from 'vscode';
import { fileScheme } from './fileUri.ts';

/** The letters and colours of source control on files that a container or layer added, modified or deleted. */
export const changeDecorations: vscode.FileDecorationProvider = {
  provideFileDecoration({ scheme, query }): vscode.FileDecoration | undefined {
    if (scheme !== fileScheme) return undefined;
    switch (query) {
      case 'A':
        return decoration('A', vscode.l10n.t('Added'), 'gitDecoration.addedResourceForeground');
      case 'M':
        return decoration('M', vscode.l10n.t('Modified'), 'gitDecoration.modifiedResourceForeground');
      case 'D':
        return decoration('D', vscode.l10n.t('Deleted'), 'gitDecoration.deletedResourceForeground');
      default:
        return undefined;
    }
  },
};

function decoration(badge: string, tooltip: string, color: string): vscode.FileDecoration {
  return new vscode.FileDecoration(badge, tooltip, new vscode.ThemeColor(color));
}
