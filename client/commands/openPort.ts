import * as vscode from 'vscode';
import type { PublishedPort } from '../../server/protocol/types.ts';
import { portText } from '../views/words.ts';
import { portUrl } from './portUrl.ts';

/** Opens a published port in the browser; asks which when there are several. */
export async function openPort(ports: readonly PublishedPort[]): Promise<void> {
  const open = ports.filter(({ protocol, hostPort }) => protocol === 'tcp' && hostPort !== 0);
  if (open.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t('This container publishes no port to open.'));
    return;
  }
  const port = open.length === 1 ? open[0] : await pickPort(open);
  if (port !== undefined) await vscode.env.openExternal(vscode.Uri.parse(portUrl(port)));
}

async function pickPort(ports: readonly PublishedPort[]): Promise<PublishedPort | undefined> {
  const picks = ports.map(port => ({ label: portText(port), description: portUrl(port), port }));
  const title = vscode.l10n.t('Open which port?');
  return (await vscode.window.showQuickPick(picks, { title }))?.port;
}
