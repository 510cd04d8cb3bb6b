import * as vscode from 'vscode';
import { toTerminal } from './text.ts';

/** What a terminal shows and what its user does, without the terminal. */
export interface TerminalInput {
  readonly onInput?: (data: string) => void;
  readonly onResize?: (size: { readonly rows: number; readonly columns: number }) => void;
  /** The user closed the terminal. */
  readonly onClosed?: () => void;
}

/** A terminal that the extension writes. What is written before it opens is kept for it. */
export class OutputTerminal implements vscode.Pseudoterminal {
  readonly #input: TerminalInput;
  readonly #writeEmitter = new vscode.EventEmitter<string>();
  readonly #closeEmitter = new vscode.EventEmitter<number | undefined>();
  #early: string[] | undefined = [];
  #ended = false;

  readonly onDidWrite = this.#writeEmitter.event;
  readonly onDidClose = this.#closeEmitter.event;

  constructor(input: TerminalInput = {}) {
    this.#input = input;
  }

  write(text: string): void {
    const shown = toTerminal(text);
    if (this.#early === undefined) this.#writeEmitter.fire(shown);
    else this.#early.push(shown);
  }

  /** Says that nothing more will come; the next key closes the terminal. */
  end(lastLine: string): void {
    this.#ended = true;
    this.write(`\n${lastLine}\n${vscode.l10n.t('Press any key to close the terminal.')}\n`);
  }

  /** Closes the terminal itself. */
  finish(): void {
    this.#closeEmitter.fire(undefined);
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    for (const text of this.#early ?? []) this.#writeEmitter.fire(text);
    this.#early = undefined;
    if (size !== undefined) this.setDimensions(size);
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#input.onResize?.(size);
  }

  handleInput(data: string): void {
    if (this.#ended) this.finish();
    else this.#input.onInput?.(data);
  }

  close(): void {
    this.#input.onClosed?.();
  }
}
