import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type CheckResult,
  check,
  editorRules,
  type Inspection,
  Inspector,
  inspect,
  type LintSettings,
  type Surroundings,
} from '../../language/index.ts';
import type { ShellcheckMemory } from '../../language/shellcheck/findings.ts';
import type { ImageLookup } from './localStore.ts';

type Known = Pick<Analysis, 'version' | 'around' | 'result' | 'inspector' | 'images'>;

/** What is known of a version of a document's text. */
export class Analysis {
  readonly version: number;
  readonly around: Surroundings;
  readonly result: CheckResult;
  readonly inspector: Inspector;
  readonly images: ImageLookup;
  #inspection: Inspection | undefined;

  constructor(known: Known) {
    this.version = known.version;
    this.images = known.images;
    this.around = known.around;
    this.result = known.result;
    this.inspector = known.inspector;
  }

  /** Made when it is asked for: most features need no rules. */
  get inspection(): Inspection {
    this.#inspection ??= inspect(this.result, this.inspector, this.around);
    return this.#inspection;
  }
}

/** What a document's analysis depends on besides its text. */
export interface AnalysisSources {
  readonly ignoreOf: (uri: string) => Surroundings['ignore'];
  readonly settingsOf: (uri: string) => LintSettings;
  readonly findSource: (uri: string, path: string, ignore: Surroundings['ignore']) => ContextAnswer;
  readonly shellcheckOf: (uri: string) => ShellcheckMemory | undefined;
  readonly images: () => ImageLookup;
}

type ContextAnswer = ReturnType<NonNullable<Surroundings['findSource']>>;

/** One check for each version of a document and of its ignore file, shared by everything that asks about it. */
export class Analyses {
  readonly #latest = new Map<string, Analysis>();
  readonly #sources: AnalysisSources;

  constructor(sources: AnalysisSources) {
    this.#sources = sources;
  }

  of(document: TextDocument): Analysis {
    const { version, uri } = document;
    const { ignoreOf, settingsOf, findSource, shellcheckOf } = this.#sources;
    const known = this.#latest.get(uri);
    const ignore = ignoreOf(uri);
    const settings = settingsOf(uri);
    const images = this.#sources.images();
    const hasSettings = known?.inspector.settings === settings;
    const isStill = known?.around.ignore === ignore && known?.images === images && hasSettings;
    if (known?.version === version && isStill) return known;
    const result = check(document.getText(), {
      previous: known?.result,
      findImage: name => images.find(name),
      ...(ignore && { ignore }),
    });
    const inspector =
      known && hasSettings ? known.inspector : new Inspector({ rules: editorRules, settings });
    const findSourceHere = (path: string) => findSource(uri, path, ignore);
    const around = { ignore, shellcheck: shellcheckOf(uri), findSource: findSourceHere };
    return this.#remember(uri, { version, around, result, inspector, images });
  }

  /** What is around the document has changed: the rules are applied again, to the check that there is. */
  refresh(uri: string): void {
    const known = this.#latest.get(uri);
    if (!known) return;
    const shellcheck = this.#sources.shellcheckOf(uri);
    this.#remember(uri, { ...known, around: { ...known.around, shellcheck } });
  }

  forget(uri: string): void {
    this.#latest.delete(uri);
  }

  #remember(uri: string, known: Known): Analysis {
    const analysis = new Analysis(known);
    this.#latest.set(uri, analysis);
    return analysis;
  }
}
