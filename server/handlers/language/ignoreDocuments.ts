import type { Hover, PublishDiagnosticsParams, TextDocumentPositionParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CoverageCache,
  completeIgnoreFile,
  diagnoseIgnoreFile,
  hoverIgnoreFile,
  IgnoreFile,
} from '../../language/features/ignoreFile.ts';
import type { CompletionList, Diagnostic } from '../../language/features/types.ts';
import type { ContextFolders } from './contextFolders.ts';
import { listContext } from './contextListing.ts';
import { Documents } from './documents.ts';
import { coverPatterns } from './ignoreCoverage.ts';
import { isIgnoreFileName } from './ignoreFileName.ts';

/** What is known of the context of an open ignore file. */
interface Context {
  readonly abort: AbortController;
  coverage: CoverageCache | undefined;
}

export interface IgnoreDocumentsOptions {
  readonly folders: ContextFolders;
  readonly send: (params: PublishDiagnosticsParams) => void;
  /** The client asks for findings: it is told when there are others, and not what they are. */
  readonly isPulled: () => boolean;
  readonly refresh: () => void;
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
        if (!this.#options.isPulled()) void this.#publish(document);
      },
      didClose: uri => {
        this.#contexts.get(uri)?.abort.abort();
        this.#contexts.delete(uri);
        if (!this.#options.isPulled()) this.#options.send({ uri, diagnostics: [] });
      },
    });
  }

  /** True for a document that is an ignore file, by its language or its name. */
  takes({ uri, languageId }: { readonly uri: string; readonly languageId: string }): boolean {
    return languageId === 'dockerignore' || isIgnoreFileName(uri);
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
      if (document === undefined) return;
      if (this.#options.isPulled()) this.#options.refresh();
      else void this.#publish(document);
    });
  }

  /** The findings of an open ignore file as it is when they are found; undefined for what is none. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[] | undefined> {
    for (;;) {
      const document = this.documents.get(uri);
      if (document === undefined) return undefined;
      const found = await this.#diagnose(document);
      if (found) return found;
    }
  }

  async #publish(document: TextDocument): Promise<void> {
    const { uri, version } = document;
    const diagnostics = await this.#diagnose(document);
    if (diagnostics) this.#options.send({ uri, version, diagnostics });
  }

  /** Undefined when it was given up for a newer version. */
  async #diagnose(document: TextDocument): Promise<Diagnostic[] | undefined> {
    const { uri, version } = document;
    const file = this.#fileOf(uri);
    if (file === undefined) return undefined;
    const coverage = this.#contexts.get(uri)?.coverage;
    const isObsolete = () => document.version !== version || this.#contexts.get(uri)?.coverage !== coverage;
    const isDone = coverage === undefined || (await coverPatterns(file, { coverage, isObsolete }));
    return isDone ? diagnoseIgnoreFile(file, coverage) : undefined;
  }
}
