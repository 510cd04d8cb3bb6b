import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';

/**
 * The documents that are open in the editor, kept by incremental changes (LSP 3.17 "Text Document Synchronization").
 * `TextDocument.update` changes a document in place: take its text and version before any await.
 */
export class Documents {
  readonly #open = new Map<string, TextDocument>();
  readonly #onDidChange: (document: TextDocument) => void;
  readonly #onDidClose: (uri: string) => void;

  constructor(on: {
    readonly didChange: (document: TextDocument) => void;
    readonly didClose: (uri: string) => void;
  }) {
    this.#onDidChange = on.didChange;
    this.#onDidClose = on.didClose;
  }

  all(): readonly TextDocument[] {
    return [...this.#open.values()];
  }

  uris(): readonly string[] {
    return [...this.#open.keys()];
  }

  get(uri: string): TextDocument | undefined {
    return this.#open.get(uri);
  }

  didOpen({ textDocument: { uri, languageId, version, text } }: DidOpenTextDocumentParams): void {
    const document = TextDocument.create(uri, languageId, version, text);
    this.#open.set(uri, document);
    this.#onDidChange(document);
  }

  /** Changes of a document that is not open are dropped: there is nothing to change. */
  didChange({ textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams): void {
    const document = this.#open.get(uri);
    if (document === undefined) return;
    TextDocument.update(document, contentChanges, version);
    this.#onDidChange(document);
  }

  didClose({ textDocument: { uri } }: DidCloseTextDocumentParams): void {
    if (this.#open.delete(uri)) this.#onDidClose(uri);
  }
}
