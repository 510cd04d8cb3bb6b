import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ContainerInfo, ContainerOptions } from '../../server/protocol/types.ts';
import { PullReport } from '../build/pullReport.ts';
import { setting } from '../settings.ts';
import { openAttachTerminal } from '../terminal/attachTerminal.ts';
import { shellWord } from '../views/words.ts';
import { portUrl } from './portUrl.ts';
import type { Services } from './services.ts';

/** Creates a container, opens a terminal on it and lets it begin. Rejects with the server's error. */
export async function runImage(services: Services, options: ContainerOptions): Promise<void> {
  const { connection, views } = services;
  const title = vscode.l10n.t('Starting {0}', options.image);
  const created = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => create(services, { options, progress, token }),
  );
  // The process begins when the terminal is attached, so that its first words are seen.
  const { container, attachSocket } = await connection.request('sampan/container/start', {
    container: created.id,
    waitForAttach: true,
  });
  openAttachTerminal({
    name: container.name,
    icon: 'vm-running',
    socket: attachSocket,
    intro: introOf(container),
    tty: options.tty ?? false,
    openStdin: options.openStdin ?? false,
    closeOnExit: false,
  }).show(!options.tty);
  await views.get('sampan.containers')?.reveal(`container/${container.id}`);
}

/** What runs, and the addresses that the terminal makes links of. */
function introOf({ args, ports }: ContainerInfo): string {
  const links = ports
    .filter(({ protocol }) => protocol === 'tcp')
    .map(port => `${portUrl(port)} → ${port.containerPort}`);
  return [args.map(shellWord).join(' '), ...links].join('\n');
}

/** Options that every run from the editor starts with. */
export function runDefaults(image: string): ContainerOptions {
  return { image, autoRemove: setting('sampan.run.removeOnExit') };
}

async function create(
  { connection }: Services,
  job: {
    readonly options: ContainerOptions;
    readonly progress: vscode.Progress<{ message: string }>;
    readonly token: vscode.CancellationToken;
  },
): Promise<ContainerInfo> {
  const token = randomUUID();
  const report = new PullReport();
  const subscription = connection.onNotification('sampan/pull/progress', ({ token: of, progress }) => {
    if (of === token) job.progress.report({ message: report.apply(progress) });
  });
  try {
    return await connection.request(
      'sampan/container/create',
      { options: job.options, pull: 'missing', token },
      job.token,
    );
  } finally {
    subscription.dispose();
  }
}
