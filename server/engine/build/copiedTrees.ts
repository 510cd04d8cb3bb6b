import type { ChainId } from '../snapshot/types.ts';
import { readRecord, writeRecord } from '../store/records.ts';
import { type Check, digest, SchemaError, shape } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { CopiedTree } from './copyDifference.ts';

/** A layer that holds all of what a COPY once copied, and what that is. */
export interface EarlierCopy {
  readonly chainId: ChainId;
  readonly tree: CopiedTree;
}

/** Without a place in each message: there are tens of thousands of entries. */
const tree: Check<CopiedTree> = value => {
  const entries = Object.entries(value ?? {});
  if (entries.some(([, text]) => typeof text !== 'string')) throw new SchemaError('tree has other than text');
  return new Map(entries as [string, string][]);
};

const record = shape({ chainId: digest, tree });

/** Losing one costs a whole copy. */
export function findEarlierCopy({ paths }: Store, key: string): Promise<EarlierCopy | undefined> {
  return readRecord(paths.cacheRecord(`tree-${key}`), record).catch(() => undefined);
}

export async function saveEarlierCopy(
  { paths }: Store,
  key: string,
  { chainId, tree }: EarlierCopy,
): Promise<void> {
  await writeRecord(paths, paths.cacheRecord(`tree-${key}`), { chainId, tree: Object.fromEntries(tree) });
}
