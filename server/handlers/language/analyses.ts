import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type CheckResult, check } from '../../language/index.ts';

/** A document's check and the version of the text that it is of. */
export interface Analysis {
  readonly version: number;
  readonly result: CheckResult;
}

/** One check for each version of a document, shared by everything that asks about it. */
export class Analyses {
  readonly #latest = new WeakMap<TextDocument, Analysis>();

  of(document: TextDocument): Analysis {
    const known = this.#latest.get(document);
    if (known?.version === document.version) return known;
    const analysis = { version: document.version, result: check(document.getText()) };
    this.#latest.set(document, analysis);
    return analysis;
  }
}
