import type { PublishDiagnosticsParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnostics } from '../../language/features/diagnostics.ts';
import type { Analyses } from './analyses.ts';
import type { Inbox } from './inbox.ts';

export interface PublisherOptions {
  readonly analyses: Pick<Analyses, 'of'>;
  readonly inbox: Pick<Inbox, 'emptied'>;
  readonly send: (params: PublishDiagnosticsParams) => void;
}

/**
 * Publishes diagnostics for every change with the version that they are of. Messages that are already waiting
 * in the input come first, so that a burst of changes is checked once and no request waits for diagnostics; and they are
 * looked for between the steps of the work, so that what is made of an old version is given up.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  /** What is being published, by document; another object when it was closed and opened again. */
  readonly #running = new Map<string, object>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  didChange(document: TextDocument): void {
    if (!this.#running.has(document.uri)) void this.#publish(document);
  }

  /** The findings of a closed document go away with it. */
  didClose(uri: string): void {
    this.#running.delete(uri);
    this.#options.send({ uri, diagnostics: [] });
  }

  async #publish(document: TextDocument): Promise<void> {
    const { analyses, inbox, send } = this.#options;
    const { uri } = document;
    const run = {};
    this.#running.set(uri, run);
    const isOpen = () => this.#running.get(uri) === run;
    let checked: number | undefined;
    for (;;) {
      await inbox.emptied();
      if (!isOpen()) return;
      if (document.version === checked) break;
      checked = analyses.of(document).version;
    }
    this.#running.delete(uri);
    const { version, inspection } = analyses.of(document);
    send({ uri, version, diagnostics: diagnostics(inspection) });
  }
}
