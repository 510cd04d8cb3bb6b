import { setTimeout as delay } from 'node:timers/promises';
import type { CompletionParams } from 'vscode-languageserver';
import { completion } from '../../language/features/completion.ts';
import type { CompletionList } from '../../language/features/types.ts';
import type { FeatureServices } from './features.ts';

/** Milliseconds that completion waits for a folder to be read; what takes longer is there at the next key. */
const patience = 8;

/** Asked again when a folder has been read at once, so that the first list is whole. */
export async function complete(
  { analysisOf, contextOf, store, folders, ignoreDocuments }: FeatureServices,
  params: CompletionParams,
): Promise<CompletionList | null> {
  const { position } = params;
  const trigger = params.context?.triggerCharacter;
  const { uri } = params.textDocument;
  const ask = (): CompletionList | null => {
    const ofIgnoreFile = ignoreDocuments.completion(params);
    if (ofIgnoreFile) return ofIgnoreFile;
    const analysis = analysisOf(uri);
    if (analysis === undefined) return null;
    const context = { root: contextOf(uri), ignore: analysis.around.ignore };
    const sources = {
      images: () => store.images(),
      tags: (repository: string) => store.tags(repository),
      accounts: (id: string) => store.accounts(id),
      folder: (path: string) => folders.entries(context, path),
    };
    return completion(analysis.result, position, { sources, context: { trigger } });
  };
  const first = ask();
  if (!first?.isIncomplete) return first;
  await Promise.race([folders.settled(), delay(patience, undefined, { ref: false })]);
  return ask();
}
