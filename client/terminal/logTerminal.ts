import * as vscode from 'vscode';
import type { ContainerInfo } from '../../server/protocol/types.ts';
import type { Connection } from '../connection.ts';
import { failureText, isCancelled, toFailure } from '../failure.ts';
import { setting } from '../settings.ts';
import { OutputTerminal } from './outputTerminal.ts';
import { style } from './text.ts';

/** Bytes that one answer may hold: the terminal is fed at the pace it takes them. */
const pageBytes = 256 * 1024;

/** Opens a terminal that shows a container's log from its last lines on and follows it. */
export function openLogTerminal(connection: Connection, container: ContainerInfo): vscode.Terminal {
  const source = new vscode.CancellationTokenSource();
  const terminal = new OutputTerminal({ onClosed: () => source.cancel() });
  follow(connection, container, { terminal, token: source.token }).then(
    () => terminal.end(style.dim(vscode.l10n.t('{0} has stopped: end of its log.', container.name))),
    error => {
      if (!isCancelled(error)) terminal.end(style.red(failureText(toFailure(error))));
    },
  );
  return vscode.window.createTerminal({
    name: vscode.l10n.t('{0}: log', container.name),
    pty: terminal,
    iconPath: new vscode.ThemeIcon('output'),
  });
}

/** Writes pages of the log until it ends or the token is cancelled. */
async function follow(
  connection: Connection,
  container: ContainerInfo,
  to: { readonly terminal: OutputTerminal; readonly token: vscode.CancellationToken },
): Promise<void> {
  let cursor: string | undefined;
  for (;;) {
    const from = cursor === undefined ? { tail: setting('sampan.logs.tail') } : { cursor };
    const page = await connection.request(
      'sampan/container/log',
      { container: container.id, follow: true, maxBytes: pageBytes, ...from },
      to.token,
    );
    to.terminal.write(page.records.map(record => record.text).join(''));
    if (page.end) return;
    cursor = page.cursor;
  }
}
