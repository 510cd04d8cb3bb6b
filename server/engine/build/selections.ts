import type { TreeScan } from '../native.ts';
import { readRecord, writeRecord } from '../store/records.ts';
import { mapOf, shape, text } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { contextRecord, isSettled } from './fileDigests.ts';
import type { SelectionRequest, TreeRequest } from './sources.ts';
import { contextSelectionKey } from './stepKeys.ts';

/**
 * Digests of what COPYs selected in a context folder, good as long as a scan of it sees exactly what the scan of
 * then saw. What changed so shortly before a scan that a later change could look the same is not remembered, as in
 * {@link FileDigests}.
 */
export interface Selections {
  find(request: SelectionRequest | TreeRequest): Promise<string | undefined>;
  remember(request: SelectionRequest | TreeRequest, digest: string): void;
  save(): Promise<void>;
}

const record = shape({ directory: text, scan: text, digests: mapOf(text) });

/** `rules` are those of the ignore file, which decide about what is selected. */
export function openSelections({
  scan: { tree, startedNs },
  directory,
  store,
  rules,
}: {
  readonly scan: { readonly tree: TreeScan; readonly startedNs: bigint };
  readonly directory: string;
  readonly store: Store;
  readonly rules: readonly unknown[];
}): Selections {
  const path = contextRecord(store, { kind: 'selections', directory });
  const digests = new Map<string, string>();
  let loading: Promise<void> | undefined;
  let changed = false;

  async function load(): Promise<void> {
    const found = await readRecord(path, record).catch(() => undefined);
    if (found?.scan !== tree.identity) return;
    for (const [key, digest] of Object.entries(found.digests))
      if (!digests.has(key)) digests.set(key, digest);
  }

  return {
    async find(request) {
      loading ??= load();
      await loading;
      return digests.get(contextSelectionKey(request, rules));
    },
    remember(request, digest) {
      digests.set(contextSelectionKey(request, rules), digest);
      changed = true;
    },
    async save() {
      if (!changed || !isSettled(tree.latestCtimeNs, startedNs)) return;
      await writeRecord(store.paths, path, {
        directory,
        scan: tree.identity,
        digests: Object.fromEntries(digests),
      });
      changed = false;
    },
  };
}
