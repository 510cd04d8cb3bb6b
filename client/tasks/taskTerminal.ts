import * as vscode from 'vscode';
import { toTerminal } from '../terminal/text.ts';

/** What a task does: it says what happens and resolves with its exit code; `token` is cancelled when it is ended. */
export type TaskWork = (say: (text: string) => void, token: vscode.CancellationToken) => Promise<number>;

/** The terminal of a task that the extension does itself. */
export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #work: TaskWork;
  readonly #writeEmitter = new vscode.EventEmitter<string>();
  readonly #closeEmitter = new vscode.EventEmitter<number>();
  readonly #source = new vscode.CancellationTokenSource();

  readonly onDidWrite = this.#writeEmitter.event;
  readonly onDidClose = this.#closeEmitter.event;

  constructor(work: TaskWork) {
    this.#work = work;
  }

  open(): void {
    const say = (text: string) => this.#writeEmitter.fire(toTerminal(text));
    this.#work(say, this.#source.token).then(
      code => this.#closeEmitter.fire(code),
      error => {
        say(`${error instanceof Error ? error.message : String(error)}\n`);
        this.#closeEmitter.fire(1);
      },
    );
  }

  /** Control-C ends the task as its button does. */
  handleInput(data: string): void {
    if (data === '\x03') this.#source.cancel();
  }

  close(): void {
    this.#source.cancel();
  }
}
