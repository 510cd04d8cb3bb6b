import { setImmediate as turn } from 'node:timers/promises';
import type { Hover, PublishDiagnosticsParams, TextDocumentPositionParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CoverageCache,
  completeIgnoreFile,
  diagnoseIgnoreFile,
  hoverIgnoreFile,
  IgnoreFile,
} from '../../language/features/ignoreFile.ts';
import type { CompletionList } from '../../language/features/types.ts';
import type { ContextFolders } from './contextFolders.ts';
import { listContext } from './contextListing.ts';
import { Documents } from './documents.ts';

/** What is known of the context of an open ignore file. */
interface Context {
  readonly abort: AbortController;
  coverage: CoverageCache | undefined;
}

export interface IgnoreDocumentsOptions {
  readonly folders: ContextFolders;
  readonly send: (params: PublishDiagnosticsParams) => void;
  /** The folder of the build context that an ignore file is for; undefined for what is no file. */
  readonly contextOf: (uri: string) => string | undefined;
}

/** Open ignore files: findings, completion and hover about the context that each is for. */
export class IgnoreDocuments {
  readonly documents: Documents;
  readonly #options: IgnoreDocumentsOptions;
  readonly #files = new WeakMap<TextDocument, { readonly version: number; readonly file: IgnoreFile }>();
  readonly #contexts = new Map<string, Context>();

  constructor(options: IgnoreDocumentsOptions) {
    this.#options = options;
    this.documents = new Documents({
      didChange: document => {
        if (!this.#contexts.has(document.uri)) this.#load(document.uri);
        void this.#publish(document);
      },
      didClose: uri => {
        this.#contexts.get(uri)?.abort.abort();
        this.#contexts.delete(uri);
        this.#options.send({ uri, diagnostics: [] });
      },
    });
  }

  /** True for a document that is an ignore file, by its language or its name. */
  takes({ uri, languageId }: { readonly uri: string; readonly languageId: string }): boolean {
    return languageId === 'dockerignore' || /\.(?:docker|container)ignore$/i.test(uri);
  }

  /** The context of an open ignore file is another one, or files in it have come or gone: looks at it again. */
  reload(uri: string): void {
    if (this.documents.get(uri)) this.#load(uri);
  }

  /** Undefined for a document that is no open ignore file. */
  completion({ textDocument: { uri }, position }: TextDocumentPositionParams): CompletionList | undefined {
    const file = this.#fileOf(uri);
    return (
      file &&
      completeIgnoreFile(file, position, path =>
        this.#options.folders.entries({ root: this.#options.contextOf(uri) }, path),
      )
    );
  }

  /** Null where there is nothing to tell, undefined as {@link completion}. */
  hover({ textDocument: { uri }, position }: TextDocumentPositionParams): Hover | null | undefined {
    const file = this.#fileOf(uri);
    return file && (hoverIgnoreFile(file, position, this.#contexts.get(uri)?.coverage) ?? null);
  }

  #fileOf(uri: string): IgnoreFile | undefined {
    const document = this.documents.get(uri);
    if (document === undefined) return undefined;
    const known = this.#files.get(document);
    if (known?.version === document.version) return known.file;
    const file = new IgnoreFile(document.getText());
    this.#files.set(document, { version: document.version, file });
    return file;
  }

  #load(uri: string): void {
    const folder = this.#options.contextOf(uri);
    this.#contexts.get(uri)?.abort.abort();
    const context: Context = { abort: new AbortController(), coverage: this.#contexts.get(uri)?.coverage };
    this.#contexts.set(uri, context);
    if (folder === undefined) return;
    void listContext(folder, context.abort.signal).then(listing => {
      if (context.abort.signal.aborted) return;
      context.coverage = new CoverageCache(listing);
      const document = this.documents.get(uri);
      if (document) void this.#publish(document);
    });
  }

  /** In turns, a pattern each: looking through a large context takes milliseconds. Given up for a newer version. */
  async #publish(document: TextDocument): Promise<void> {
    const { uri, version } = document;
    const file = this.#fileOf(uri);
    const coverage = this.#contexts.get(uri)?.coverage;
    for (const rule of coverage && file ? file.rules : []) {
      await turn();
      if (document.version !== version || this.#contexts.get(uri)?.coverage !== coverage) return;
      if (rule.problem === undefined) coverage?.of(rule);
    }
    if (file) this.#options.send({ uri, version, diagnostics: diagnoseIgnoreFile(file, coverage) });
  }
}
