import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type CheckResult,
  check,
  editorRules,
  type IgnoreMatcher,
  type Inspection,
  Inspector,
  inspect,
} from '../../language/index.ts';

/** What is known of a version of a document's text. */
export class Analysis {
  readonly version: number;
  readonly ignore: IgnoreMatcher | undefined;
  readonly result: CheckResult;
  readonly inspector: Inspector;
  #inspection: Inspection | undefined;

  constructor(
    known: Pick<Analysis, 'version' | 'ignore' | 'result'>,
    inspector = new Inspector({ rules: editorRules }),
  ) {
    this.version = known.version;
    this.ignore = known.ignore;
    this.result = known.result;
    this.inspector = inspector;
  }

  /** Made when it is asked for: most features need no rules. */
  get inspection(): Inspection {
    this.#inspection ??= inspect(this.result, this.inspector, { ignore: this.ignore });
    return this.#inspection;
  }
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
    const analysis = new Analysis({ version, ignore, result }, known?.inspector);
    this.#latest.set(document, analysis);
    return analysis;
  }
}
