import * as vscode from 'vscode';
import type { ContainerInfo } from '../../server/protocol/types.ts';
import { openAttachTerminal } from '../terminal/attachTerminal.ts';
import { splitWords } from './commandLine.ts';
import { commandProblem } from './runProfile.ts';
import type { Services } from './services.ts';

/** Prefers bash, which many images have beside sh. */
const shell = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

/** Opens a terminal on the container's own process. */
export async function attach({ connection }: Services, container: ContainerInfo): Promise<void> {
  const { attachSocket } = await connection.request('sampan/container/attach', { container: container.id });
  openAttachTerminal({
    name: container.name,
    icon: 'vm-running',
    socket: attachSocket,
    tty: container.options.tty ?? false,
    openStdin: container.options.openStdin ?? false,
    closeOnExit: false,
  }).show();
}

/** Opens a shell in the container; its terminal goes with it. */
export function openShell(services: Services, container: ContainerInfo): Promise<void> {
  const name = vscode.l10n.t('{0}: shell', container.name);
  return exec(services, { container, name, args: shell, closeOnExit: true });
}

/** Asks for a command and runs it in a terminal that stays. */
export async function askAndExec(services: Services, container: ContainerInfo): Promise<void> {
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t('Run in {0}', container.name),
    prompt: vscode.l10n.t('Command and arguments'),
    placeHolder: 'ls -l /',
    validateInput: commandProblem,
  });
  const args = splitWords(line ?? '');
  const [program] = args;
  if (program !== undefined)
    await exec(services, { container, name: `${container.name}: ${program}`, args, closeOnExit: false });
}

async function exec(
  { connection }: Services,
  what: {
    readonly container: ContainerInfo;
    readonly name: string;
    readonly args: readonly string[];
    readonly closeOnExit: boolean;
  },
): Promise<void> {
  const { container, name, args, closeOnExit } = what;
  const { attachSocket } = await connection.request('sampan/container/exec', {
    container: container.id,
    args,
    tty: true,
    openStdin: true,
    waitForAttach: true,
  });
  const terminal = { icon: 'terminal', socket: attachSocket, tty: true, openStdin: true };
  openAttachTerminal({ ...terminal, name, closeOnExit }).show();
}
