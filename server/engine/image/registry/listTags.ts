import { parseReference } from '../../../common/reference.ts';
import { openRepository } from './client.ts';

const most = 5000;

/**
 * The tags of a repository, asked once: who wants to see them while typing does not wait for a second try. Throws
 * `invalid-argument` for what is no repository, and what the registry's client throws.
 */
export async function listTags(
  repository: string,
  options: { readonly signal: AbortSignal; readonly environment: NodeJS.ProcessEnv },
): Promise<readonly string[]> {
  const client = openRepository(parseReference(repository), {
    ...options,
    timeouts: { connectMs: 3_000, idleMs: 5_000 },
    retry: { attempts: 1, firstDelayMs: 0, longestDelayMs: 0 },
  });
  try {
    return await client.tags(most);
  } finally {
    client.close();
  }
}
