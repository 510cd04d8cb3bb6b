import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type CheckResult, check, type IgnoreMatcher } from '../../language/index.ts';

/** A document's check and the version of the text that it is of. */
export interface Analysis {
  readonly version: number;
  readonly ignore: IgnoreMatcher | undefined;
  readonly result: CheckResult;
}

/** One check for each version of a document and of its ignore file, shared by everything that asks about it. */
export class Analyses {
  readonly #latest = new WeakMap<TextDocument, Analysis>();
  readonly #ignoreOf: (uri: string) => IgnoreMatcher | undefined;

  constructor(ignoreOf: (uri: string) => IgnoreMatcher | undefined) {
    this.#ignoreOf = ignoreOf;
  }

  of(document: TextDocument): Analysis {
    const { version, uri } = document;
    const known = this.#latest.get(document);
    const ignore = this.#ignoreOf(uri);
    if (known?.version === version && known.ignore === ignore) return known;
    const result = check(document.getText(), { previous: known?.result, ...(ignore && { ignore }) });
    const analysis = { version, ignore, result };
    this.#latest.set(document, analysis);
    return analysis;
  }
}
