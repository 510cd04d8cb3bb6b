import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { PushProgress } from '../../server/protocol/types.ts';
import { toFailure } from '../failure.ts';
import { sizeText } from '../views/words.ts';
import type { Services } from './services.ts';

/** Pushes an image under one of its names; a registry that wants to know who it is asks, and then it is tried again. */
export async function pushImage(services: Services, reference: string): Promise<void> {
  try {
    await push(services, reference);
  } catch (error) {
    if (toFailure(error).code !== 'unauthorized' || !(await logIn(services, reference, error))) throw error;
    await push(services, reference);
  }
  void vscode.window.showInformationMessage(vscode.l10n.t('Pushed {0}.', reference));
}

async function push({ connection }: Services, reference: string): Promise<void> {
  const token = randomUUID();
  const parts = new Map<string, PushProgress>();
  const title = vscode.l10n.t('Pushing {0}', reference);
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancellation) => {
      const subscription = connection.onNotification('sampan/push/progress', told => {
        if (told.token !== token) return;
        parts.set(told.progress.id, told.progress);
        progress.report({ message: pushText([...parts.values()]) });
      });
      try {
        await connection.request('sampan/image/push', { reference, token }, cancellation);
      } finally {
        subscription.dispose();
      }
    },
  );
}

/** `2 of 5 layers, 12.3MB of 40MB`. */
function pushText(parts: readonly PushProgress[]): string {
  const done = parts.filter(({ status }) => status !== 'preparing' && status !== 'pushing').length;
  const sum = (key: 'current' | 'total') => parts.reduce((all, part) => all + (part[key] ?? 0), 0);
  const layers = vscode.l10n.t('{0} of {1} layers', done, parts.length);
  return sum('total') === 0 ? layers : `${layers}, ${sizeText(sum('current'))} / ${sizeText(sum('total'))}`;
}

/** Asks for user and password, and keeps them where docker's command keeps its own. False when the user left. */
async function logIn({ connection }: Services, reference: string, refusal: unknown): Promise<boolean> {
  const registry = registryOf(reference);
  const name = registry ?? 'Docker Hub';
  const title = vscode.l10n.t('Log in to {0}', name);
  const username = await vscode.window.showInputBox({
    title,
    prompt: `${toFailure(refusal).message} ${vscode.l10n.t('Your user name there:')}`,
    ignoreFocusOut: true,
  });
  if (!username) return false;
  const prompt = vscode.l10n.t('Password or token of {0}', username);
  const password = await vscode.window.showInputBox({ title, prompt, password: true, ignoreFocusOut: true });
  if (!password) return false;
  const login = { username, password, ...(registry === undefined ? {} : { registry }) };
  const { plainFile } = await connection.request('sampan/registry/login', login);
  if (plainFile !== undefined)
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The password for {0} is kept in {1}, not encrypted.', name, plainFile),
    );
  return true;
}

/** The registry that a reference names (distribution reference grammar: a first part with a dot, a port, or localhost). */
function registryOf(reference: string): string | undefined {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : undefined;
}
