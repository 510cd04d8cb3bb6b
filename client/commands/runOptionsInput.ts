import * as vscode from 'vscode';
import type { ContainerOptions, ImageSummary } from '../../server/protocol/types.ts';
import { setting } from '../settings.ts';
import { splitWords } from './commandLine.ts';
import { exposedPorts, parsePorts, portsText } from './portsInput.ts';
import { runDefaults } from './runImage.ts';

/** Asks how to run an image: ports, name, command, terminal. Undefined when the user left. */
export async function askRunOptions(
  image: ImageSummary,
  reference: string,
): Promise<ContainerOptions | undefined> {
  const address = setting('sampan.run.publishAddress');
  const title = vscode.l10n.t('Run {0}', reference);
  const ports = await vscode.window.showInputBox({
    title: `${title} (1/4)`,
    prompt: vscode.l10n.t('Ports to publish, host:container. Without a host port a free one is taken.'),
    placeHolder: '8080:80',
    value: portsText(exposedPorts(image.exposedPorts, address)),
    ignoreFocusOut: true,
    validateInput: text => parsePorts(text, address).problem,
  });
  if (ports === undefined) return undefined;
  const name = await vscode.window.showInputBox({
    title: `${title} (2/4)`,
    prompt: vscode.l10n.t('Name of the container. Leave empty for a made-up one.'),
    ignoreFocusOut: true,
    validateInput: nameProblem,
  });
  if (name === undefined) return undefined;
  const command = await vscode.window.showInputBox({
    title: `${title} (3/4)`,
    prompt: vscode.l10n.t("Command to run. Leave empty for the image's own."),
    ignoreFocusOut: true,
    validateInput: commandProblem,
  });
  if (command === undefined) return undefined;
  const terminal = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Show output'),
        detail: vscode.l10n.t('Standard output and errors'),
        tty: false,
      },
      {
        label: vscode.l10n.t('Interactive'),
        detail: vscode.l10n.t('A terminal with input, as -it does'),
        tty: true,
      },
    ],
    { title: `${title} (4/4)`, ignoreFocusOut: true },
  );
  if (terminal === undefined) return undefined;
  const words = splitWords(command);
  const published = parsePorts(ports, address);
  return {
    ...runDefaults(reference),
    ports: published.problem === undefined ? published.ports : [],
    ...(name === '' ? {} : { name }),
    ...(words.length === 0 ? {} : { command: words }),
    ...(terminal.tty ? { tty: true, openStdin: true } : {}),
  };
}

/** Docker's rule for container names. */
function nameProblem(name: string): string | undefined {
  if (name === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return undefined;
  return vscode.l10n.t(
    'Use letters, digits, _ . - and begin with a letter or digit; at least two characters.',
  );
}

function commandProblem(line: string): string | undefined {
  try {
    splitWords(line);
    return undefined;
  } catch (error) {
    return String((error as Error).message);
  }
}
