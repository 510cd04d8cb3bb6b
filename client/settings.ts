import * as vscode from 'vscode';
import type { Settings } from './contributions.ts';

/** A setting's value for a resource; package.json holds the defaults. */
export function setting<K extends keyof Settings>(key: K, resource?: vscode.Uri): Settings[K] {
  const value = vscode.workspace.getConfiguration(undefined, resource).get<Settings[K]>(key);
  if (value === undefined) throw new Error(`The setting ${key} has no default in package.json.`);
  return value;
}
