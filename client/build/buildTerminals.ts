import * as vscode from 'vscode';
import { OutputTerminal } from '../terminal/outputTerminal.ts';
import { style } from '../terminal/text.ts';

interface Entry {
  readonly output: OutputTerminal;
  readonly terminal: vscode.Terminal;
  onInterrupt: () => void;
}

const interrupt = '\x03';
/** Erases the screen and what was scrolled out of it (ECMA-48 ED, xterm's 3). */
const clear = '\x1b[2J\x1b[3J\x1b[H';

/** One terminal for each Dockerfile, used again by its next build. Control-C in it cancels the build. */
export class BuildTerminals {
  readonly #entries = new Map<string, Entry>();

  /** The Dockerfile's terminal, emptied and shown without taking the focus. */
  for(document: vscode.Uri, onInterrupt: () => void): OutputTerminal {
    const key = document.toString();
    const entry = this.#entries.get(key) ?? this.#create(key, document);
    entry.onInterrupt = onInterrupt;
    entry.output.write(`${clear}${style.bold(vscode.workspace.asRelativePath(document))}\n`);
    entry.terminal.show(true);
    return entry.output;
  }

  #create(key: string, document: vscode.Uri): Entry {
    const output = new OutputTerminal({
      onInput: data => data === interrupt && entry.onInterrupt(),
      onClosed: () => this.#entries.delete(key),
    });
    const terminal = vscode.window.createTerminal({
      name: vscode.l10n.t('Build {0}', vscode.workspace.asRelativePath(document)),
      pty: output,
      iconPath: new vscode.ThemeIcon('tools'),
    });
    const entry: Entry = { output, terminal, onInterrupt: () => {} };
    this.#entries.set(key, entry);
    return entry;
  }
}
