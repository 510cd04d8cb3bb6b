import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { assistance } from './assistance.ts';
import { parseServerLine } from './serverLog.ts';
import { serverSettings } from './serverSettings.ts';

/** The language client over `dist/server.js --stdio`, not started. Loaded late: it is most of the extension's code. */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  options: {
    readonly log: vscode.LogOutputChannel;
    /** The server ended by itself; true to start a new one. */
    readonly onClosed: () => boolean;
  },
): LanguageClient {
  const { log, onClosed } = options;
  const run = {
    command: process.execPath,
    args: [context.asAbsolutePath(join('dist', 'server.js'))],
    transport: TransportKind.stdio,
    options: {
      env: {
        ...process.env,
        // On the desktop `execPath` is Electron; this makes it behave as Node. Node ignores it.
        ELECTRON_RUN_AS_NODE: '1',
        SAMPAN_LOG: process.env.SAMPAN_LOG ?? serverLogLevel(log.logLevel),
      },
    },
  };
  return new QuietClient(
    'sampan',
    'Sampan',
    { run, debug: run },
    {
      documentSelector: [
        { language: 'dockerfile', scheme: 'file' },
        { language: 'dockerfile', scheme: 'untitled' },
        { language: 'dockerfile', notebook: '*' },
        { language: 'dockerignore', scheme: 'file' },
        { language: 'dockerignore', scheme: 'untitled' },
      ],
      outputChannel: log,
      initializationOptions: serverSettings,
      middleware: assistance(),
      stdioOptions: {
        // Read by the client itself: the protocol.
        stdout: () => {},
        stderr: input => forwardLines(input, log),
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => ({
          action: onClosed() ? CloseAction.Restart : CloseAction.DoNotRestart,
          handled: true,
        }),
      },
    },
  );
}

/** Leaves messages on the screen to the connection, which knows the way out; all is in the log. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function forwardLines(input: Readable, log: vscode.LogOutputChannel): void {
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', line => {
    const { level, message } = parseServerLine(line);
    log[level](message);
  });
}

function serverLogLevel(level: vscode.LogLevel): string {
  if (level === vscode.LogLevel.Trace || level === vscode.LogLevel.Debug) return 'debug';
  if (level === vscode.LogLevel.Warning) return 'warn';
  if (level === vscode.LogLevel.Error || level === vscode.LogLevel.Off) return 'error';
  return 'info';
}
