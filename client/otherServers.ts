import * as vscode from 'vscode';
import type { Settings } from './contributions.ts';

/** Extensions that bring a Dockerfile language server of their own. */
const others = ['ms-azuretools.vscode-containers', 'docker.docker'];

const askedKey = 'asked-about-other-servers';
const settingKey: keyof Settings = 'sampan.language.assistance';

/**
 * With two language servers every completion and hover comes twice. Says so once, when a Dockerfile is open, and
 * lets the user choose; findings of both stay.
 */
export function askAboutOtherServers(memento: vscode.Memento): vscode.Disposable {
  const ask = async (document: vscode.TextDocument) => {
    if (document.languageId !== 'dockerfile' || memento.get(askedKey)) return;
    const other = others.map(id => vscode.extensions.getExtension(id)).find(found => found !== undefined);
    if (other === undefined) return;
    await memento.update(askedKey, true);
    const turnOff = vscode.l10n.t("Turn Sampan's Off");
    const message = vscode.l10n.t(
      '{0} offers completion, hovers, outline and formatting in Dockerfiles too, so they appear twice.',
      String(other.packageJSON.displayName ?? other.id),
    );
    if ((await vscode.window.showInformationMessage(message, turnOff)) === turnOff)
      await vscode.workspace.getConfiguration().update(settingKey, false, vscode.ConfigurationTarget.Global);
  };
  for (const document of vscode.workspace.textDocuments) void ask(document);
  return vscode.workspace.onDidOpenTextDocument(document => void ask(document));
}
