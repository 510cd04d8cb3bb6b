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
import type { ShellcheckMemory } from '../../language/shellcheck/findings.ts';

/** What is known of a version of a document's text. */
export class Analysis {
  readonly version: number;
  readonly ignore: IgnoreMatcher | undefined;
  readonly result: CheckResult;
  readonly shellcheck: ShellcheckMemory;
  readonly inspector: Inspector;
  #inspection: Inspection | undefined;

  constructor(
    known: Pick<Analysis, 'version' | 'ignore' | 'result' | 'shellcheck'>,
    inspector = new Inspector({ rules: editorRules }),
  ) {
    this.version = known.version;
    this.ignore = known.ignore;
    this.result = known.result;
    this.shellcheck = known.shellcheck;
    this.inspector = inspector;
  }

  /** Made when it is asked for: most features need no rules. */
  get inspection(): Inspection {
    const { ignore, shellcheck } = this;
    this.#inspection ??= inspect(this.result, this.inspector, { ignore, shellcheck });
    return this.#inspection;
  }
}

/** What is known of documents besides their text. */
export interface AnalysisSources {
  readonly ignoreOf: (uri: string) => IgnoreMatcher | undefined;
  readonly shellcheckOf: (uri: string) => ShellcheckMemory;
}

/** One check for each version of a document and of its ignore file, shared by everything that asks about it. */
export class Analyses {
  readonly #latest = new WeakMap<TextDocument, Analysis>();
  readonly #sources: AnalysisSources;

  constructor(sources: AnalysisSources) {
    this.#sources = sources;
  }

  of(document: TextDocument): Analysis {
    const { version, uri } = document;
    const known = this.#latest.get(document);
    const ignore = this.#sources.ignoreOf(uri);
    if (known?.version === version && known.ignore === ignore) return known;
    const result = check(document.getText(), { previous: known?.result, ...(ignore && { ignore }) });
    const shellcheck = known?.shellcheck ?? this.#sources.shellcheckOf(uri);
    const analysis = new Analysis({ version, ignore, result, shellcheck }, known?.inspector);
    this.#latest.set(document, analysis);
    return analysis;
  }

  /** ShellCheck has more to say about a document: its findings are brought together anew. */
  renew(document: TextDocument): void {
    const known = this.#latest.get(document);
    if (known) this.#latest.set(document, new Analysis(known, known.inspector));
  }
}
