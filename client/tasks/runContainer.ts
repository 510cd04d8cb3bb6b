import * as vscode from 'vscode';
import { profileOptions } from '../commands/runProfile.ts';
import type { Services } from '../commands/services.ts';
import { failureText, toFailure } from '../failure.ts';
import { setting } from '../settings.ts';
import { AttachSession, type SessionEnd } from '../terminal/attachSession.ts';
import type { RunTask } from './definitions.ts';

/**
 * Runs a container until it ends, and removes it; its output is said. Resolves with its exit code. A task that is ended
 * ends its container.
 */
export async function runContainer(
  { connection }: Services,
  task: {
    readonly definition: RunTask;
    readonly folder: string;
    readonly say: (text: string) => void;
    readonly token: vscode.CancellationToken;
  },
): Promise<number> {
  const { definition, folder, say, token } = task;
  const context = { address: setting('sampan.run.publishAddress'), folder };
  const options = { ...profileOptions({ ...definition, name: definition.image }, context), autoRemove: true };
  try {
    const { id } = await connection.request('sampan/container/create', { options, pull: 'missing' }, token);
    const started = await connection.request('sampan/container/start', {
      container: id,
      waitForAttach: true,
    });
    const stop = token.onCancellationRequested(() => {
      // It may have ended by itself.
      connection.request('sampan/container/stop', { container: id }).catch(() => {});
    });
    const end = await ended(started.attachSocket, say);
    stop.dispose();
    if (end.exit === undefined)
      throw end.error ?? new Error(vscode.l10n.t('The connection to the container ended.'));
    return end.exit.exitCode;
  } catch (error) {
    throw new Error(failureText(toFailure(error)));
  }
}

function ended(socket: string, say: (text: string) => void): Promise<SessionEnd> {
  return new Promise(resolve => {
    new AttachSession(socket, { onOutput: (_stream, text) => say(text), onEnd: resolve });
  });
}
