import * as vscode from 'vscode';
import type { Item } from './item.ts';

/** The icon of a row as VS Code takes it. */
export function themeIcon(icon: Item['icon']): vscode.ThemeIcon {
  if (icon === 'file') return vscode.ThemeIcon.File;
  if (icon === 'folder') return vscode.ThemeIcon.Folder;
  const color = icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color);
  return new vscode.ThemeIcon(icon.id, color);
}
