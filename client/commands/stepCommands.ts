import * as vscode from 'vscode';
import { stepContextKey } from '../contributions.ts';
import { type BuiltStep, stepItems } from '../views/stepItems.ts';
import type { CommandsOf, Services } from './services.ts';

/** Commands on instructions that the last build went through. */
export function stepCommands(services: Services): CommandsOf<'sampan.step.'> {
  return {
    'sampan.step.show': async (...args) => {
      const place = placeOf(args);
      const step = place && (await builtStep(services, place));
      if (step === undefined) {
        const message = vscode.l10n.t(
          'There is nothing to show for this line yet: build the Dockerfile first.',
        );
        void vscode.window.showInformationMessage(message);
        return;
      }
      services.shownStep.items = stepItems(step);
      await vscode.commands.executeCommand('setContext', stepContextKey, true);
      const view = services.views.get('sampan.step');
      view?.refresh();
      await view?.show(services.shownStep.items[0]?.id ?? '');
    },
  };
}

interface Place {
  readonly uri: vscode.Uri;
  /** 0-based. */
  readonly line: number;
}

/** From a link in a hover, the menu of a line number, or the cursor. */
function placeOf(args: readonly unknown[]): Place | undefined {
  const [first, second] = args;
  if (typeof second === 'number') return { uri: vscode.Uri.from(first as vscode.Uri), line: second };
  const clicked = first as { readonly uri?: vscode.Uri; readonly lineNumber?: number } | undefined;
  if (clicked?.uri !== undefined && clicked.lineNumber !== undefined)
    return { uri: clicked.uri, line: clicked.lineNumber - 1 };
  const editor = vscode.window.activeTextEditor;
  return editor && { uri: editor.document.uri, line: editor.selection.active.line };
}

async function builtStep({ builds }: Services, { uri, line }: Place): Promise<BuiltStep | undefined> {
  const result = builds.resultAt(uri, line);
  if (result?.layer === undefined) return undefined;
  const document = await vscode.workspace.openTextDocument(uri);
  return {
    file: vscode.workspace.asRelativePath(uri),
    line: result.startLine + 1,
    instruction: document.lineAt(result.startLine).text.trim(),
    chainId: result.layer.chainId,
  };
}
