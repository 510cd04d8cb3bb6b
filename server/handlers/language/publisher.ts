import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnostics } from '../../language/features/diagnostics.ts';
import type { Analyses } from './analyses.ts';

/**
 * Publishes diagnostics for every change with the version that they are of. Changes that are already waiting
 * in the input come first, so that a burst of them is checked once; and they are looked for between the steps of the work,
 * so that what is made of an old version is given up.
 */
export class Publisher {
  readonly #analyses: Analyses;
  readonly #send: (params: PublishDiagnosticsParams) => void;
  readonly #waiting = new Map<string, NodeJS.Immediate>();

  constructor(analyses: Analyses, send: (params: PublishDiagnosticsParams) => void) {
    this.#analyses = analyses;
    this.#send = send;
  }

  didChange(document: TextDocument): void {
    const { uri } = document;
    if (!this.#waiting.has(uri)) this.#after(uri, () => this.#settle(document));
  }

  /** The findings of a closed document go away with it. */
  didClose(uri: string): void {
    clearImmediate(this.#waiting.get(uri));
    this.#waiting.delete(uri);
    this.#send({ uri, diagnostics: [] });
  }

  /** Each turn of the loop handles one message: while they are changes, nothing is checked. */
  #settle(document: TextDocument): void {
    const { uri, version } = document;
    this.#after(uri, () => {
      if (document.version !== version) this.#settle(document);
      else this.#inspect(document);
    });
  }

  #inspect(document: TextDocument): void {
    const { uri } = document;
    const analysis = this.#analyses.of(document);
    this.#after(uri, () => {
      if (document.version !== analysis.version) {
        this.#settle(document);
        return;
      }
      this.#waiting.delete(uri);
      const { version, inspection } = this.#analyses.of(document);
      this.#send({ uri, version, diagnostics: diagnostics(inspection) });
    });
  }

  #after(uri: string, step: () => void): void {
    this.#waiting.set(uri, setImmediate(step));
  }
}
