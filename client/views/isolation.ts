import * as vscode from 'vscode';
import type { Connection } from '../connection.ts';
import { isolationContextKey } from '../contributions.ts';
import { toFailure } from '../failure.ts';

/** Tells the welcome text whether containers can be run on this machine, and if not what keeps them from it. */
export class Isolation {
  #isThere = false;

  /** Asks until the answer is yes: it stays so, while a machine may be mended before the views are refreshed. */
  async publish(connection: Connection): Promise<void> {
    if (this.#isThere) return;
    const barrier = await connection.request('sampan/engine/info', {}).then(
      () => undefined,
      error => {
        const { code, detail } = toFailure(error);
        return code === 'isolation-unavailable' ? String(detail.sysctl ?? 'other') : undefined;
      },
    );
    this.#isThere = barrier === undefined;
    await vscode.commands.executeCommand('setContext', isolationContextKey, barrier);
  }
}
