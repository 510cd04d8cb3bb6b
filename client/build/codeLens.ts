import * as vscode from 'vscode';
import type { CommandId } from '../contributions.ts';
import { setting } from '../settings.ts';

/** Build and Run above the first FROM, Build to Here above the stages that a build can end with. */
export function registerBuildLenses(subscriptions: vscode.Disposable[]): void {
  // Two providers: the first answers at once, the other asks the server for the stages.
  for (const lenses of [new BuildLenses(fileLenses), new BuildLenses(stageLenses)])
    subscriptions.push(
      lenses,
      vscode.languages.registerCodeLensProvider({ language: 'dockerfile', scheme: 'file' }, lenses),
    );
}

type Lenses = (document: vscode.TextDocument) => vscode.ProviderResult<vscode.CodeLens[]>;

class BuildLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #lenses: Lenses;
  readonly #changeEmitter = new vscode.EventEmitter<void>();
  readonly #subscriptions = vscode.Disposable.from(
    this.#changeEmitter,
    vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changeEmitter.fire()),
    vscode.workspace.onDidChangeConfiguration(
      change => change.affectsConfiguration('sampan.codeLens.enabled') && this.#changeEmitter.fire(),
    ),
  );

  readonly onDidChangeCodeLenses = this.#changeEmitter.event;

  constructor(lenses: Lenses) {
    this.#lenses = lenses;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.ProviderResult<vscode.CodeLens[]> {
    const wanted = vscode.workspace.isTrusted && setting('sampan.codeLens.enabled', document.uri);
    return wanted ? this.#lenses(document) : [];
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

function fileLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = firstStageLine(document);
  if (line === undefined) return [];
  const lens = (title: string, command: CommandId) =>
    lensAt(line, { title, command, arguments: [document.uri] });
  return [
    lens(`$(tools) ${vscode.l10n.t('Build')}`, 'sampan.build'),
    lens(`$(play) ${vscode.l10n.t('Run')}`, 'sampan.buildAndRun'),
    lens(vscode.l10n.t('Build with Options...'), 'sampan.buildWithOptions'),
  ];
}

/** The last stage is what Build makes; of the others those that have a name can be told to the builder. */
async function stageLenses({ uri }: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const symbols =
    (await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    )) ?? [];
  const stages = symbols.filter(({ kind }) => kind === vscode.SymbolKind.Class);
  return stages
    .slice(0, -1)
    .filter(({ detail }) => detail.startsWith('FROM '))
    .map(({ name, range }) => {
      const command: CommandId = 'sampan.buildToHere';
      const title = `$(target) ${vscode.l10n.t('Build to Here')}`;
      return lensAt(range.start.line, { title, command, arguments: [uri, name] });
    });
}

function lensAt(line: number, command: vscode.Command): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command);
}

/** Only ARG and comments come before the first FROM, so no heredoc can hide one. */
function firstStageLine(document: vscode.TextDocument): number | undefined {
  for (let line = 0; line < document.lineCount; line++)
    if (/^\s*from\s/i.test(document.lineAt(line).text)) return line;
  return undefined;
}
