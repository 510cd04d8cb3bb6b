import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestFromHex } from '../../server/common/digest.ts';
import { loadNative } from '../../server/engine/native.ts';
import type { FsSession, LayerInfo } from '../../server/engine/runtime/types.ts';
import { openStore, type Store } from '../../server/engine/store/store.ts';

/** The native parts of this tree, as `npm run build` makes them. */
export const dist = join(import.meta.dirname, '../../dist');

export interface TemporaryStore {
  readonly folder: string;
  readonly store: Store;
  /** The same store as another process would see it. */
  reopen(): Promise<Store>;
  remove(): Promise<void>;
}

export async function makeStore(): Promise<TemporaryStore> {
  // Before the folder is made: nothing is left behind where the addon is missing.
  const locks = loadNative(dist);
  const folder = mkdtempSync(join(tmpdir(), 'sampan-store-'));
  const reopen = () => openStore({ root: join(folder, 'root'), locks });
  return {
    folder,
    store: await reopen(),
    reopen,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export function sha256(content: Uint8Array | string): Digest {
  return digestFromHex(createHash('sha256').update(content).digest('hex'));
}

export async function* streamOf(...chunks: readonly (Uint8Array | string)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export async function collectBytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * A session for tests of ordering and bookkeeping: a "layer" is one file with the tar's bytes. What it
 * does to real files is tested with the helper.
 */
export function bookkeepingSession(): { readonly session: FsSession; readonly removed: string[] } {
  const removed: string[] = [];
  const refuse = () => Promise.reject(new Error('not part of this test'));
  const measure = (content: Uint8Array): LayerInfo => ({
    diffId: sha256(content),
    tarSize: content.length,
    contentSize: content.length,
    entries: 1,
  });
  const session: FsSession = {
    async applyLayer(directory, tar) {
      const content = await collectBytes(tar);
      await writeFile(join(directory, 'layer'), content);
      return measure(content);
    },
    async diffLayer(upper, { sink } = {}) {
      const content = Buffer.concat(
        await Promise.all([upper].flat().map(directory => readFile(join(directory, 'layer')))),
      );
      await sink?.(content);
      return measure(content);
    },
    async removeTree(paths) {
      removed.push(...paths);
      for (const path of paths) await rm(path, { recursive: true, force: true });
    },
    close: async () => {},
    sync: async () => {},
    mount: refuse,
    makeDirectory: refuse,
    fillDirectory: refuse,
    openDirectory: refuse,
    openProcess: refuse,
    copyTree: refuse,
    measure: refuse,
    changes: refuse,
  };
  return { session, removed };
}
