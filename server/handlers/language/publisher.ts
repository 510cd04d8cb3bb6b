import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnostics } from '../../language/features/diagnostics.ts';
import type { Analyses } from './analyses.ts';

/**
 * Publishes diagnostics for every change with the version that they are of. Changes that are already waiting
 * in the input come first, so that a burst of them is checked once.
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
    if (this.#waiting.has(uri)) return;
    const publish = () => {
      this.#waiting.delete(uri);
      const { version, inspection } = this.#analyses.of(document);
      this.#send({ uri, version, diagnostics: diagnostics(inspection) });
    };
    this.#waiting.set(uri, setImmediate(publish));
  }

  /** The findings of a closed document go away with it. */
  didClose(uri: string): void {
    clearImmediate(this.#waiting.get(uri));
    this.#waiting.delete(uri);
    this.#send({ uri, diagnostics: [] });
  }
}
