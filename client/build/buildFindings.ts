import * as vscode from 'vscode';
import type { Documents } from '../documents.ts';
import type { Failure } from '../failure.ts';
import { type BuildFinding, buildFinding } from './buildFinding.ts';
import type { FailedStep } from './buildReport.ts';

/** Puts a failed build on its line. An edit or the next build takes it away: it spoke of another text. */
export class BuildFindings implements vscode.Disposable {
  readonly #documents: Documents;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('sampan-build');
  readonly #outputs = new Map<string, { dispose: () => void }>();
  readonly #subscription: vscode.Disposable;

  constructor(documents: Documents) {
    this.#documents = documents;
    this.#subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.clear(document.uri);
    });
  }

  show(
    uri: vscode.Uri,
    outcome: { readonly failure: Failure; readonly failed: FailedStep | undefined },
  ): void {
    const finding = buildFinding(outcome.failure, outcome.failed);
    if (finding !== undefined) this.#diagnostics.set(uri, [this.#diagnostic(uri, finding)]);
  }

  /** Where the last build of this Dockerfile failed. */
  rangeOf(uri: vscode.Uri): vscode.Range | undefined {
    return this.#diagnostics.get(uri)?.[0]?.range;
  }

  clear(uri: vscode.Uri): void {
    const key = uri.toString();
    this.#outputs.get(key)?.dispose();
    this.#outputs.delete(key);
    this.#diagnostics.delete(uri);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#diagnostics.dispose();
  }

  #diagnostic(uri: vscode.Uri, finding: BuildFinding): vscode.Diagnostic {
    const range = new vscode.Range(finding.startLine, 0, finding.endLine, Number.MAX_SAFE_INTEGER);
    const diagnostic = new vscode.Diagnostic(range, finding.message, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'sampan build';
    if (finding.output === '') return diagnostic;
    const output = this.#documents.keepOutput(finding.output);
    this.#outputs.set(uri.toString(), output);
    const lastLine = new vscode.Position(finding.output.split('\n').length - 1, 0);
    diagnostic.relatedInformation = [
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(output.uri, lastLine),
        vscode.l10n.t('The end of its output'),
      ),
    ];
    return diagnostic;
  }
}
