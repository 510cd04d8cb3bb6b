import * as vscode from 'vscode';
import type { BuildEvent } from '../../server/protocol/types.ts';
import type { CommandId } from '../contributions.ts';
import { setting } from '../settings.ts';
import { moved, resultText, type StepResult, StepResults } from './stepResults.ts';

/** What a build tells as it goes. */
export interface StepListener {
  readonly apply: (event: BuildEvent) => void;
}

/** The last result of each instruction behind its first line: while a build runs, and until the instruction is edited. */
export class StepDecorations implements vscode.Disposable {
  readonly #results = new Map<string, readonly StepResult[]>();
  readonly #quiet = decoration('editorCodeLens.foreground');
  readonly #failed = decoration('editorError.foreground');
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#subscription = vscode.Disposable.from(
      this.#quiet,
      this.#failed,
      vscode.window.onDidChangeVisibleTextEditors(editors => {
        for (const editor of editors) this.#draw(editor);
      }),
      vscode.workspace.onDidChangeTextDocument(event => this.#edited(event)),
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration('sampan.build.showResults')) this.#drawAll();
      }),
    );
  }

  /** Forgets the results of an earlier build and follows a new one. */
  follow(document: vscode.Uri): StepListener {
    const key = document.toString();
    const steps = new StepResults();
    this.#keep(key, []);
    return { apply: event => steps.apply(event) && this.#keep(key, steps.results) };
  }

  /** The result of the instruction on a line, 0-based. */
  at(document: vscode.Uri, line: number): StepResult | undefined {
    const results = this.#results.get(document.toString()) ?? [];
    return results.find(({ startLine, endLine }) => startLine <= line && line <= endLine);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #keep(key: string, results: readonly StepResult[]): void {
    this.#results.set(key, results);
    this.#drawAll(key);
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const key = document.uri.toString();
    const before = this.#results.get(key);
    if (before === undefined || contentChanges.length === 0) return;
    // The changes of one event do not overlap and are given from the end of the text.
    let results = before;
    for (const { range, text } of contentChanges) {
      const linesAfter = text.split('\n').length;
      results = moved(results, { startLine: range.start.line, endLine: range.end.line, linesAfter });
    }
    this.#keep(key, results);
  }

  #drawAll(key?: string): void {
    for (const editor of vscode.window.visibleTextEditors)
      if (key === undefined || editor.document.uri.toString() === key) this.#draw(editor);
  }

  #draw(editor: vscode.TextEditor): void {
    const { uri } = editor.document;
    const known = this.#results.get(uri.toString());
    if (known === undefined) return;
    const shown = setting('sampan.build.showResults', uri) ? known : [];
    const failed = ({ state }: StepResult) => state === 'failed';
    const options = (result: StepResult) => optionsOf(editor.document, result);
    editor.setDecorations(this.#quiet, shown.filter(result => !failed(result)).map(options));
    editor.setDecorations(this.#failed, shown.filter(failed).map(options));
  }
}

function decoration(color: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor(color), margin: '0 0 0 3em' },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}

function optionsOf(document: vscode.TextDocument, result: StepResult): vscode.DecorationOptions {
  const line = Math.min(result.startLine, document.lineCount - 1);
  const { end } = document.lineAt(line).range;
  const options = {
    range: new vscode.Range(end, end),
    renderOptions: { after: { contentText: resultText(result) } },
  };
  return result.layer === undefined ? options : { ...options, hoverMessage: links(document.uri, line) };
}

function links(uri: vscode.Uri, line: number): vscode.MarkdownString {
  const command: CommandId = 'sampan.step.show';
  const args = encodeURIComponent(JSON.stringify([uri.toJSON(), line]));
  const text = new vscode.MarkdownString(
    `[${vscode.l10n.t('Files and Changes Here')}](command:${command}?${args})`,
  );
  text.isTrusted = { enabledCommands: [command] };
  return text;
}
