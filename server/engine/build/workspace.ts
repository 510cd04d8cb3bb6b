import { randomBytes } from 'node:crypto';
import type { FsSession, MountedRootfs } from '../runtime/types.ts';
import type { ActiveSnapshot, ChainId, SnapshotInfo } from '../snapshot/types.ts';
import type { BuildRun } from './buildContext.ts';

/** A writable snapshot on a parent, and the session that works on it. */
export interface Workspace {
  readonly session: FsSession;
  readonly active: ActiveSnapshot;
  /** The merged tree, mounted at first use. */
  rootfs(): Promise<MountedRootfs>;
  /** Unmount it: from then on the upper is an ordinary directory. */
  release(): Promise<void>;
}

/** A key for an active snapshot of a build; nothing depends on its text. */
export function workspaceKey(): string {
  return `build-${randomBytes(8).toString('hex')}`;
}

/**
 * Make a layer: `work` changes the tree, what it changed is committed. Whatever fails, nothing of it stays.
 */
export async function makeLayer(
  run: BuildRun,
  parent: ChainId | undefined,
  work: (workspace: Workspace) => Promise<void>,
): Promise<SnapshotInfo> {
  return withSession(run, session => makeLayerIn(session, run, { parent, work }));
}

/** A session that ends with `use`, or when the build is cancelled. */
export async function withSession<T>(run: BuildRun, use: (session: FsSession) => Promise<T>): Promise<T> {
  const session = await run.runtime.openFs();
  const stop = () => void session.close();
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    return await use(session);
  } finally {
    run.signal.removeEventListener('abort', stop);
    await session.close();
  }
}

/** {@link makeLayer} in a session; with `over` as a difference to that layer, see {@link ActiveSnapshot}. */
export async function makeLayerIn(
  session: FsSession,
  run: BuildRun,
  {
    parent,
    over,
    work,
  }: {
    readonly parent: ChainId | undefined;
    readonly over?: ChainId;
    readonly work: (workspace: Workspace) => Promise<void>;
  },
): Promise<SnapshotInfo> {
  const options = { transient: true, ...(over === undefined ? {} : { over }) };
  const active = await run.snapshots.prepare(workspaceKey(), parent, options);
  try {
    const workspace = workspaceOf(session, active);
    await work(workspace);
    // Overlay must be gone before its upper is read as a layer.
    await workspace.release();
    return await run.snapshots.commit(session, active);
  } catch (error) {
    await run.snapshots.remove(active.key);
    throw error;
  }
}

export function workspaceOf(session: FsSession, active: ActiveSnapshot): Workspace {
  let mounted: Promise<MountedRootfs> | undefined;
  return {
    session,
    active,
    rootfs: () => {
      mounted ??= session.mount(active.layers);
      return mounted;
    },
    release: async () => {
      const rootfs = await mounted;
      mounted = undefined;
      await rootfs?.unmount();
    },
  };
}
