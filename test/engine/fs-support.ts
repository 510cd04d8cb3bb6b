import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsSession } from '../../server/engine/runtime/fs.ts';
import { Holder } from '../../server/engine/runtime/holder.ts';
import type { EntryInfo, FsSession, MountedRootfs } from '../../server/engine/runtime/types.ts';

/** Sessions of one holder, and a folder whose files go with them. */
export interface FsBench {
  readonly session: FsSession;
  /** A host path below the test's folder. */
  path(...names: readonly string[]): string;
  /** One more session. */
  open(): Promise<FsSession>;
  /** A new directory, made inside. */
  directory(name: string): Promise<string>;
  close(): Promise<void>;
}

export async function openFsBench(): Promise<FsBench> {
  const run = await mkdtemp(join(tmpdir(), 'sampan-fs-run-'));
  const root = await mkdtemp(join(tmpdir(), 'sampan-fs-root-'));
  const holder = new Holder({
    run,
    root,
    helper: join(import.meta.dirname, '../../dist/sampan-init'),
    idleSeconds: 1,
  });
  const sessions: FsSession[] = [];
  const open = async () => {
    const session = openFsSession(await holder.connect());
    sessions.push(session);
    return session;
  };
  const session = await open();
  return {
    session,
    path: (...names) => join(root, ...names),
    open,
    directory: async name => {
      await session.makeDirectory(join(root, name), 0o755);
      return join(root, name);
    },
    close: async () => {
      // Files of sub-ids can only be removed from inside.
      await (await open()).removeTree([root]);
      for (const one of sessions) await one.close();
      await rm(run, { recursive: true, force: true });
    },
  };
}

/** The whole tree below a path. */
export function collect(rootfs: MountedRootfs, path = '/'): Promise<EntryInfo[]> {
  return gather(rootfs.walk(path, { hash: false, recursive: true }));
}

export async function gather(walk: AsyncIterable<EntryInfo>): Promise<EntryInfo[]> {
  const entries: EntryInfo[] = [];
  for await (const entry of walk) entries.push(entry);
  return entries;
}

/** What a sink received. */
export class Collector {
  readonly chunks: Buffer[] = [];
  readonly sink = (chunk: Uint8Array): void => {
    this.chunks.push(Buffer.from(chunk));
  };
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}
