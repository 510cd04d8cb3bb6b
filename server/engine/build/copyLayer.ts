import type { CopyEntry, FsSession, MountedRootfs } from '../runtime/types.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import { type BuildRun, contextOf } from './buildContext.ts';
import { findEarlierCopy, saveEarlierCopy } from './copiedTrees.ts';
import { type CopiedTree, copiedTree, type TreeDifference, treeDifference } from './copyDifference.ts';
import type { CopySources } from './copySources.ts';
import { type CopyBatch, copyInto, plainSources, planEntries } from './copyStep.ts';
import type { CopyNode } from './planTypes.ts';
import { copyTreeKey, type RootfsIdentity } from './stepKeys.ts';
import { makeLayerIn, type Workspace, withSession } from './workspace.ts';

/** Fewer entries are copied as fast as a difference is found. */
const entriesMin = 32;
/** Directories of one overlay: what kernels before 6.5 take in one string. */
const directoriesMax = 100;

/** How the layer of a COPY or ADD is made. */
export interface CopyLayer {
  make(): Promise<SnapshotInfo>;
  /** False when files changed after they were hashed. */
  isCurrent(): Promise<boolean>;
}

interface Copy {
  readonly node: CopyNode;
  readonly sources: CopySources;
  /** The rootfs that it works on; undefined for nothing. */
  readonly below: RootfsIdentity | undefined;
}

/**
 * The layer of a COPY or ADD. When the same instruction put nearly the same files on the same rootfs before, the layer
 * is a difference to that one's: its tar, and so its digest, is that of a whole copy. Differences are always to
 * a whole copy, so that they do not pile up; when more than half has changed, there is a new whole one.
 */
export function copyLayer(run: BuildRun, copy: Copy): CopyLayer {
  let remember: (() => Promise<void>) | undefined;
  return {
    make: () =>
      withSession(run, async session => {
        const batches = await copy.sources.open(session);
        const plan = await planWhole(run, { session, copy, batches });
        const made = plan && (await makeDifference(run, { session, batches, plan }));
        if (made) return made;
        const layer = await makeWhole(run, { session, copy, batches, plan });
        if (plan && layer.directories.length === 1) {
          const { key, tree } = plan;
          remember = () => saveEarlierCopy(run.store, key, { chainId: layer.chainId, tree });
        }
        return layer;
      }),
    isCurrent: async () => {
      if (!(await copy.sources.isCurrent())) return false;
      await remember?.();
      return true;
    },
  };
}

function makeWhole(
  run: BuildRun,
  {
    session,
    copy: { node, below },
    batches,
    plan,
  }: {
    readonly session: FsSession;
    readonly copy: Copy;
    readonly batches: readonly CopyBatch[];
    readonly plan: WholePlan | undefined;
  },
): Promise<SnapshotInfo> {
  return makeLayerIn(session, run, {
    parent: below?.chainId,
    work: async workspace => {
      if (plan?.emptyTarget !== undefined)
        return copyDirectly(workspace, { root: batches[0]?.root, plan, top: plan.emptyTarget });
      const rootfs = await workspace.rootfs();
      if (plan) await rootfs.copy(batches[0]?.root, plan.entries);
      else await copyInto(run, rootfs, { node, batches });
    },
  });
}

/**
 * Below a directory that is empty or new the merged tree is the upper alone: once overlayfs has made `top` there, files
 * are put into the upper itself, which takes half the time.
 */
async function copyDirectly(
  workspace: Workspace,
  {
    root,
    plan: { entries },
    top,
  }: { readonly root: CopyBatch['root']; readonly plan: WholePlan; readonly top: string },
): Promise<void> {
  const isAbove = (target: string) => target === top || top.startsWith(`${target}/`);
  await (await workspace.rootfs()).copy(
    undefined,
    entries.filter(({ target }) => isAbove(target)),
  );
  await workspace.release();
  const upper = await workspace.session.openDirectory(workspace.active.layers.upper);
  await upper.copy(
    root,
    entries.filter(({ target }) => target === top || !isAbove(target)),
  );
  await upper.unmount();
}

/** A copy that may be a difference. */
interface WholePlan {
  readonly key: string;
  readonly parent: ChainId;
  readonly entries: Awaited<ReturnType<typeof planEntries>>;
  readonly tree: CopiedTree;
  /** Layers below, topmost first. */
  readonly lowers: readonly string[];
  /** The destination, when it is a directory that is empty in the layers below or not there. */
  readonly emptyTarget: string | undefined;
}

/** Only files of a context: what a rootfs holds is not hashed again when it is known. */
async function planWhole(
  run: BuildRun,
  {
    session,
    copy: { node, below },
    batches: [batch, ...others],
  }: { readonly session: FsSession; readonly copy: Copy; readonly batches: readonly CopyBatch[] },
): Promise<WholePlan | undefined> {
  const { from } = node;
  const parent = below?.chainId;
  if (!below || !parent || !batch || others.length > 0 || from.kind !== 'context') return undefined;
  const sources = await plainSources(batch);
  if (!sources || sources.reduce((count, one) => count + one.members.length + 1, 0) < entriesMin)
    return undefined;
  const { directory } = contextOf(run, from.name);
  const lowers = await run.snapshots.lowers(parent);
  return withView(session, lowers, async view => {
    const entries = await planEntries(view, { node, sources });
    const tree = copiedTree(entries, sources);
    if (!tree) return undefined;
    const emptyTarget = await emptyTargetOf(view, entries);
    const key = copyTreeKey(node, { parent: below, directory });
    return { key, parent, entries, tree, lowers, emptyTarget };
  });
}

/** The directory at the end of the plan, dated when it is full, if all other entries are below it. */
async function emptyTargetOf(
  view: MountedRootfs,
  entries: readonly CopyEntry[],
): Promise<string | undefined> {
  const last = entries.at(-1);
  if (last?.type !== 'directory' || last.existing !== 'keep' || last.mtimeNs === undefined) return undefined;
  const top = last.target;
  const isNear = (target: string) => target.startsWith(`${top}/`) || `${top}/`.startsWith(`${target}/`);
  if (!entries.every(({ target }) => isNear(target))) return undefined;
  const there = await view.stat(top, { followLast: false });
  if (there === undefined) return top;
  if (there.type !== 'directory') return undefined;
  for await (const _entry of view.walk(top, { hash: false, recursive: false })) return undefined;
  return top;
}

async function makeDifference(
  run: BuildRun,
  {
    session,
    batches: [batch],
    plan,
  }: { readonly session: FsSession; readonly batches: readonly CopyBatch[]; readonly plan: WholePlan },
): Promise<SnapshotInfo | undefined> {
  const earlier = await findEarlierCopy(run.store, plan.key);
  const base = earlier && (await run.snapshots.get(earlier.chainId));
  if (base?.parent !== plan.parent || base.directories.length + plan.lowers.length >= directoriesMax)
    return undefined;
  const difference = treeDifference(earlier?.tree ?? new Map(), plan);
  if (!difference || (await hidesAny(session, { plan, difference }))) return undefined;
  return makeLayerIn(session, run, {
    parent: plan.parent,
    over: base.chainId,
    work: async workspace => {
      const rootfs = await workspace.rootfs();
      await rootfs.removeAll(difference.removed);
      await rootfs.copy(batch?.root, difference.entries);
    },
  });
}

/** Whether what is removed hides something of the layers below, which would have to come back. */
function hidesAny(
  session: FsSession,
  { plan, difference }: { readonly plan: WholePlan; readonly difference: TreeDifference },
): Promise<boolean> {
  return withView(session, plan.lowers, async view => {
    for (const path of difference.removed) if (await view.stat(path, { followLast: false })) return true;
    return false;
  });
}

async function withView<T>(
  session: FsSession,
  lowers: readonly string[],
  look: (view: MountedRootfs) => Promise<T>,
): Promise<T> {
  const view = await session.mount({ lowers });
  try {
    return await look(view);
  } finally {
    await view.unmount();
  }
}
