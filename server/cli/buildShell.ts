import { isSampanError } from '../common/errors.ts';
import { attach, windowSize } from './attach.ts';
import type { Client } from './client.ts';
import type { Interrupt } from './command.ts';
import { note } from './output.ts';

/** `--on-error=shell`: when the step that failed was kept, a shell in the state before it. */
export async function shellAt(
  error: unknown,
  { connection, interrupt }: { readonly connection: Client; readonly interrupt: Interrupt },
): Promise<void> {
  const failedStep = isSampanError(error) ? error.detail.failedStep : undefined;
  if (typeof failedStep !== 'string') return;
  const tty = process.stdin.isTTY && process.stdout.isTTY;
  note('A shell in the state before this RUN; what it changes is thrown away when it ends.');
  try {
    const { attachSocket } = await connection.request('sampan/build/shell', {
      failedStep,
      tty,
      ...(tty ? windowSize() : {}),
    });
    interrupt.release();
    await attach({
      socketPath: attachSocket,
      stdin: true,
      stdout: true,
      stderr: true,
      tty,
      detachKeys: new Uint8Array(0),
      signalProxy: false,
      firstSignal: 0,
    });
  } finally {
    await connection.request('sampan/build/forget', { failedStep });
  }
}
