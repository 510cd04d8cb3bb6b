import * as vscode from 'vscode';
import type { ContainerOptions, ImageSummary } from '../../server/protocol/types.ts';
import { setting } from '../settings.ts';
import { parseAssignments } from './assignments.ts';
import { splitWords } from './commandLine.ts';
import { parseMounts } from './mountsInput.ts';
import { exposedPorts, parsePorts, portsText } from './portsInput.ts';
import { runDefaults } from './runImage.ts';

/** Asks how to run an image: ports, name, environment, mounts, command, terminal. Undefined when the user left. */
export async function askRunOptions(
  image: ImageSummary,
  reference: string,
): Promise<ContainerOptions | undefined> {
  const address = setting('sampan.run.publishAddress');
  const title = vscode.l10n.t('Run {0}', reference);
  const ports = await vscode.window.showInputBox({
    title: `${title} (1/6)`,
    prompt: vscode.l10n.t('Ports to publish, host:container. Without a host port a free one is taken.'),
    placeHolder: '8080:80',
    value: portsText(exposedPorts(image.exposedPorts, address)),
    ignoreFocusOut: true,
    validateInput: text => parsePorts(text, address).problem,
  });
  if (ports === undefined) return undefined;
  const name = await vscode.window.showInputBox({
    title: `${title} (2/6)`,
    prompt: vscode.l10n.t('Name of the container. Leave empty for a made-up one.'),
    ignoreFocusOut: true,
    validateInput: nameProblem,
  });
  if (name === undefined) return undefined;
  const env = await vscode.window.showInputBox({
    title: `${title} (3/6)`,
    prompt: vscode.l10n.t('Environment: NAME=value, separated by blanks'),
    placeHolder: 'MODE=debug',
    ignoreFocusOut: true,
    validateInput: text => parseAssignments(text).problem,
  });
  if (env === undefined) return undefined;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const mounts = await vscode.window.showInputBox({
    title: `${title} (4/6)`,
    prompt: mountsPrompt(image.volumes),
    placeHolder: `data:${image.volumes[0] ?? '/srv/data'}`,
    ignoreFocusOut: true,
    validateInput: text => parseMounts(text, folder).problem,
  });
  if (mounts === undefined) return undefined;
  const command = await vscode.window.showInputBox({
    title: `${title} (5/6)`,
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
    { title: `${title} (6/6)`, ignoreFocusOut: true },
  );
  if (terminal === undefined) return undefined;
  const words = splitWords(command);
  const published = parsePorts(ports, address);
  const variables = parseAssignments(env);
  const mounted = parseMounts(mounts, folder);
  return {
    ...runDefaults(reference),
    ports: published.problem === undefined ? published.ports : [],
    env: variables.problem === undefined ? Object.entries(variables.values).map(pair => pair.join('=')) : [],
    mounts: mounted.problem === undefined ? mounted.mounts : [],
    ...(name === '' ? {} : { name }),
    ...(words.length === 0 ? {} : { command: words }),
    ...(terminal.tty ? { tty: true, openStdin: true } : {}),
  };
}

function mountsPrompt(declared: readonly string[]): string {
  const how = vscode.l10n.t('Volumes and folders to mount: volume:/path or /folder:/path:ro.');
  if (declared.length === 0) return how;
  return `${how} ${vscode.l10n.t('The image keeps data in {0}.', declared.join(', '))}`;
}

/** Docker's rule for container names; empty is allowed. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return undefined;
  return vscode.l10n.t(
    'Use letters, digits, _ . - and begin with a letter or digit; at least two characters.',
  );
}

/** What is wrong with a command line. */
export function commandProblem(line: string): string | undefined {
  try {
    splitWords(line);
    return undefined;
  } catch (error) {
    return String((error as Error).message);
  }
}
