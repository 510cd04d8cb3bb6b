import * as vscode from 'vscode';
import type { CommandId } from '../contributions.ts';
import { setting } from '../settings.ts';

/** Build and Run above the first FROM. */
export function registerBuildLenses(subscriptions: vscode.Disposable[]): void {
  const lenses = new BuildLenses();
  subscriptions.push(
    lenses,
    vscode.languages.registerCodeLensProvider({ language: 'dockerfile', scheme: 'file' }, lenses),
  );
}

class BuildLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changeEmitter = new vscode.EventEmitter<void>();
  readonly #subscriptions = vscode.Disposable.from(
    this.#changeEmitter,
    vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changeEmitter.fire()),
    vscode.workspace.onDidChangeConfiguration(
      change => change.affectsConfiguration('sampan.codeLens.enabled') && this.#changeEmitter.fire(),
    ),
  );

  readonly onDidChangeCodeLenses = this.#changeEmitter.event;

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!vscode.workspace.isTrusted || !setting('sampan.codeLens.enabled', document.uri)) return [];
    const line = firstStageLine(document);
    if (line === undefined) return [];
    const lens = (title: string, command: CommandId) =>
      new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [document.uri] });
    return [
      lens(`$(tools) ${vscode.l10n.t('Build')}`, 'sampan.build'),
      lens(`$(play) ${vscode.l10n.t('Run')}`, 'sampan.buildAndRun'),
      lens(vscode.l10n.t('Build with Options...'), 'sampan.buildWithOptions'),
    ];
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

/** Only ARG and comments come before the first FROM, so no heredoc can hide one. */
function firstStageLine(document: vscode.TextDocument): number | undefined {
  for (let line = 0; line < document.lineCount; line++)
    if (/^\s*from\s/i.test(document.lineAt(line).text)) return line;
  return undefined;
}
