import { setTimeout as delay } from 'node:timers/promises';
import type { CompletionParams } from 'vscode-languageserver';
import { completion } from '../../language/features/completion.ts';
import type { CompletionList } from '../../language/features/types.ts';
import type { FeatureServices } from './features.ts';

/** Milliseconds that completion waits for a folder to be read; what takes longer is there at the next key. */
const patience = 8;

/** Asked again when a folder has been read at once, so that the first list is whole. */
export async function complete(
  { analysisOf, store, folders, ignoreDocuments }: FeatureServices,
  params: CompletionParams,
): Promise<CompletionList | null> {
  const { position, context } = params;
  const { uri } = params.textDocument;
  const ask = (): CompletionList | null => {
    const ofIgnoreFile = ignoreDocuments.completion(params);
    if (ofIgnoreFile) return ofIgnoreFile;
    const result = analysisOf(uri)?.result;
    if (result === undefined) return null;
    const sources = {
      images: () => store.images(),
      tags: (repository: string) => store.tags(repository),
      folder: (path: string) => folders.entries(uri, path),
    };
    return completion(result, position, { sources, context: { trigger: context?.triggerCharacter } });
  };
  const first = ask();
  if (!first?.isIncomplete) return first;
  await Promise.race([folders.settled(), delay(patience, undefined, { ref: false })]);
  return ask();
}
