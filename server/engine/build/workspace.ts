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
  const session = await run.runtime.openFs();
  const stop = () => void session.close();
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    const active = await run.snapshots.prepare(workspaceKey(), parent);
    try {
      const mounts = new LazyMount(session, active);
      await work({ session, active, rootfs: () => mounts.get() });
      await mounts.release();
      return await run.snapshots.commit(session, active);
    } catch (error) {
      await run.snapshots.remove(active.key);
      throw error;
    }
  } finally {
    run.signal.removeEventListener('abort', stop);
    await session.close();
  }
}

class LazyMount {
  readonly #session: FsSession;
  readonly #active: ActiveSnapshot;
  #mounted: Promise<MountedRootfs> | undefined;

  constructor(session: FsSession, active: ActiveSnapshot) {
    this.#session = session;
    this.#active = active;
  }

  get(): Promise<MountedRootfs> {
    this.#mounted ??= this.#session.mount(this.#active.layers);
    return this.#mounted;
  }

  /** Overlay must be gone before its upper is read as a layer. */
  async release(): Promise<void> {
    const mounted = await this.#mounted;
    await mounted?.unmount();
  }
}
