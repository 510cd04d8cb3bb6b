import * as vscode from 'vscode';

const pattern = '**/{Dockerfile,Dockerfile.*,*.dockerfile,*.Dockerfile,Containerfile,Containerfile.*}';

/**
 * The Dockerfile that a command is about: the resource it was given, the one in the active editor, or what the user
 * picks; saved. Undefined when there is none or the user left.
 */
export async function dockerfileTarget(args: readonly unknown[]): Promise<vscode.Uri | undefined> {
  const [resource] = args;
  const uri = resource instanceof vscode.Uri ? resource : (activeDockerfile() ?? (await pickDockerfile()));
  return uri === undefined ? undefined : saved(uri);
}

function activeDockerfile(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === 'dockerfile' ? document.uri : undefined;
}

/** The Dockerfiles of the workspace, at most 200. */
export async function findDockerfiles(): Promise<readonly vscode.Uri[]> {
  return vscode.workspace.findFiles(pattern, '**/node_modules/**', 200);
}

async function pickDockerfile(): Promise<vscode.Uri | undefined> {
  const found = await findDockerfiles();
  if (found.length === 0) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('There is no Dockerfile in this workspace. Create one and build again.'),
    );
    return undefined;
  }
  if (found.length === 1) return found[0];
  const picks = found.map(uri => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  const title = vscode.l10n.t('Build which Dockerfile?');
  return (await vscode.window.showQuickPick(picks, { title }))?.uri;
}

/** Saves the document, as a task does before it runs: a build reads its context from the disk. */
async function saved(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const document = vscode.workspace.textDocuments.find(open => open.uri.toString() === uri.toString());
  if (document?.isUntitled) return vscode.workspace.save(uri);
  if (document?.isDirty && !(await document.save())) return undefined;
  return uri;
}
