import * as vscode from 'vscode';
import { AttachSession, type SessionEnd } from './attachSession.ts';
import { OutputTerminal } from './outputTerminal.ts';
import { style } from './text.ts';

export interface AttachTerminalOptions {
  readonly name: string;
  readonly icon: string;
  readonly socket: string;
  readonly tty: boolean;
  /** Shown above the output. */
  readonly intro?: string;
  readonly openStdin: boolean;
  /** The terminal goes when the process ends, as a shell's does; otherwise it stays with the exit code. */
  readonly closeOnExit: boolean;
}

const interrupt = '\x03';
const endOfInput = '\x04';
const sigint = 2;
const sigkill = 9;

/** Opens a terminal on an attach socket. Closing the terminal detaches; the process goes on. */
export function openAttachTerminal(options: AttachTerminalOptions): vscode.Terminal {
  const encoder = new TextEncoder();
  let interrupted = false;
  const onInput = (data: string) => {
    if (options.tty) session.write(encoder.encode(data));
    else if (data === interrupt) interruptProcess();
    else if (data === endOfInput) session.endInput();
    else if (options.openStdin) typeLine(data);
  };
  // A process that is pid 1 and has no handler does not see SIGINT (pid_namespaces(7)), so the second one kills.
  const interruptProcess = () => {
    session.signal(interrupted ? sigkill : sigint);
    if (!interrupted)
      terminal.write(style.dim(vscode.l10n.t('\nControl-C again kills {0}.\n', options.name)));
    interrupted = true;
  };
  // Without a tty nobody echoes or ends lines with a line feed; the terminal does both.
  const typeLine = (data: string) => {
    const text = data.replaceAll('\r', '\n');
    terminal.write(text);
    session.write(encoder.encode(text));
  };
  const terminal = new OutputTerminal({
    onInput,
    onResize: size => options.tty && session.resize(size),
    onClosed: () => session.close(),
  });
  if (options.intro !== undefined) terminal.write(`${style.dim(options.intro)}\n`);
  const session = new AttachSession(options.socket, {
    onOutput: (_stream, text) => terminal.write(text),
    onEnd: end => {
      if (options.closeOnExit && end.exit !== undefined && end.exit.error === undefined) terminal.finish();
      else terminal.end(endText(options.name, end));
    },
  });
  return vscode.window.createTerminal({
    name: options.name,
    pty: terminal,
    iconPath: new vscode.ThemeIcon(options.icon),
  });
}

/** The last line of a terminal, e.g. `web exited with code 0`. */
export function endText(name: string, end: SessionEnd): string {
  if (end.exit?.error !== undefined) {
    const { step, path, errno } = end.exit.error;
    return style.red(vscode.l10n.t('{0} could not start: {1} {2}: {3}', name, step, path, errno));
  }
  if (end.exit !== undefined) {
    const text = vscode.l10n.t('{0} exited with code {1}.', name, end.exit.exitCode);
    return end.exit.exitCode === 0 ? style.dim(text) : style.red(text);
  }
  const reason = end.error === undefined ? '' : ` (${end.error.message})`;
  return style.red(vscode.l10n.t('The connection to {0} ended{1}.', name, reason));
}
