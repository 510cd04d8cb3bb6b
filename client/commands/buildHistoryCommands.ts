import * as vscode from 'vscode';
import type { PastBuild } from '../build/buildHistory.ts';
import { chosenSubjects } from './selection.ts';
import type { CommandsOf, Services } from './services.ts';

/** Commands on builds that have ended; `again` runs one with the same options. */
export function buildHistoryCommands(
  services: Services,
  again: (build: PastBuild) => Promise<void>,
): CommandsOf<'sampan.builds.'> {
  const choose = async (
    args: readonly unknown[],
    title: string,
    where: (build: PastBuild) => boolean = () => true,
  ) => {
    const choice = { view: 'sampan.builds', kind: 'build', title } as const;
    const chosen = await chosenSubjects(args, services, { ...choice, where: ({ build }) => where(build) });
    return chosen.map(({ build }) => build);
  };
  return {
    'sampan.builds.openLog': async (...args) => {
      for (const build of await choose(args, vscode.l10n.t('Open the log of a build'))) {
        const log = services.history.logOf(build);
        if (log !== undefined) await vscode.window.showTextDocument(log, { preview: true });
      }
    },
    'sampan.builds.showFailure': async (...args) => {
      const [build] = await choose(args, vscode.l10n.t('Go to the line where a build failed'), hasLine);
      if (build?.outcome.kind !== 'failed' || build.outcome.line === undefined) return;
      const { line } = build.outcome;
      const selection = new vscode.Range(line, 0, line, 0);
      await vscode.window.showTextDocument(vscode.Uri.parse(build.document), { selection });
    },
    'sampan.builds.again': async (...args) => {
      const [build] = await choose(args, vscode.l10n.t('Build again'));
      if (build !== undefined) await again(build);
    },
    'sampan.builds.clear': () => services.history.clear(),
  };
}

function hasLine({ outcome }: PastBuild): boolean {
  return outcome.kind === 'failed' && outcome.line !== undefined;
}
