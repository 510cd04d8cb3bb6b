import type { Digest } from '../../common/digest.ts';
import { isSampanError } from '../../common/errors.ts';
import { resolveInRoot } from '../runtime/resolve.ts';
import type { MountedRootfs } from '../runtime/types.ts';
import { chainIdOf } from '../snapshot/chain.ts';
import type { ChainId, SnapshotInfo } from '../snapshot/types.ts';
import { readAccountFiles } from './accountFiles.ts';
import type { BuildRun } from './buildContext.ts';
import { copyLayer } from './copyLayer.ts';
import { type CopySources, type FromRootfs, findCopySources } from './copySources.ts';
import { rootfsIdentity, sideInputs } from './explain/nodes.ts';
import type { StepInputs } from './explain/types.ts';
import { type BindSource, findBindSource, inputsOf } from './materialize.ts';
import { isNumericOwner, resolveOwner } from './owner.ts';
import type { BuildPlan, CopyNode, ExecNode, MkdirNode, NodeId, PlanNode, RootfsInput } from './planTypes.ts';
import { runInto } from './runStep.ts';
import { Slots } from './slots.ts';
import { cancelled, stepFailure, throwIfCancelled } from './stepFailure.ts';
import { copyKey, execKey, mkdirKey } from './stepKeys.ts';
import { makeLayer } from './workspace.ts';

/** What a node made. */
export interface Solved {
  readonly chainId: ChainId | undefined;
  /** Cache key of the step; undefined for what was there before the build. */
  readonly key: string | undefined;
  readonly diffIds: readonly Digest[];
  /** Of its layer. */
  readonly createdAt: string | undefined;
  readonly cached: boolean;
}

export interface Solution {
  readonly top: Solved;
  readonly solved: ReadonlyMap<NodeId, Solved>;
}

const nothing: Solved = {
  chainId: undefined,
  key: undefined,
  diffIds: [],
  createdAt: undefined,
  cached: true,
};

/**
 * Execute a plan: every node once, as soon as its inputs are there, a few at a time. Sources of the context are
 * looked for before anything runs, so that a missing file does not wait for a compiler.
 *
 * The first failure stops the rest and is the one that is thrown.
 */
export async function solve(plan: BuildPlan, run: BuildRun): Promise<Solution> {
  const solver = new Solver(plan, run);
  try {
    return await solver.solve();
  } finally {
    await solver.close();
  }
}

class Solver {
  readonly #plan: BuildPlan;
  readonly #run: BuildRun;
  readonly #results = new Map<NodeId, Promise<Solved>>();
  readonly #solved = new Map<NodeId, Solved>();
  readonly #copies = new Map<NodeId, Promise<CopySources>>();
  readonly #binds = new Map<NodeId, Promise<readonly (BindSource | undefined)[]>>();
  readonly #slots = new Slots();
  readonly #stop = new AbortController();

  constructor(plan: BuildPlan, run: BuildRun) {
    this.#plan = plan;
    this.#run = { ...run, signal: AbortSignal.any([run.signal, this.#stop.signal]) };
  }

  async solve(): Promise<Solution> {
    await this.#findContextSources();
    try {
      const top = await this.#input(this.#plan.image.top);
      return { top, solved: this.#solved };
    } catch (error) {
      this.#stop.abort();
      await Promise.allSettled(this.#results.values());
      throw error;
    }
  }

  async close(): Promise<void> {
    const copies = await Promise.allSettled(this.#copies.values());
    await Promise.all(copies.map(copy => (copy.status === 'fulfilled' ? copy.value.close() : undefined)));
  }

  /** Everything that needs the context alone. */
  async #findContextSources(): Promise<void> {
    await Promise.all(
      this.#plan.nodes.map(async node => {
        const local =
          node.kind === 'copy' &&
          node.from.kind === 'context' &&
          node.items.every(item => item.kind === 'path' || item.kind === 'inline');
        const bound =
          node.kind === 'exec' &&
          node.mounts.length > 0 &&
          node.mounts.every(mount => mount.from.kind !== 'rootfs');
        if (!local && !bound) return;
        try {
          if (local) await this.#copySources(node);
          if (bound) await this.#bindSources(node);
        } catch (error) {
          throw this.#failed(node, error);
        }
      }),
    );
  }

  #failed(node: PlanNode, error: unknown): unknown {
    const failure = this.#run.signal.aborted ? cancelled() : stepFailure(error, node);
    const step = this.#run.report.start(node);
    step.failed(failure);
    return failure;
  }

  #input(id: RootfsInput): Promise<Solved> {
    if (id === undefined) return Promise.resolve(nothing);
    const known = this.#results.get(id);
    if (known) return known;
    const node = this.#plan.nodes[id] as PlanNode;
    const result = this.#solveNode(node).then(solved => {
      this.#solved.set(id, solved);
      return solved;
    });
    result.catch(() => undefined);
    this.#results.set(id, result);
    return result;
  }

  async #solveNode(node: PlanNode): Promise<Solved> {
    if (node.kind === 'image') {
      const { chainId, config, id } = node.base;
      const step = this.#run.report.start(node);
      this.#run.report.explain(node, this.#run.explainer.base(node, id));
      step.done({ cached: true });
      return { chainId, key: undefined, diffIds: config.rootfs.diff_ids, createdAt: undefined, cached: true };
    }
    const [input] = await Promise.all([
      this.#input(node.input),
      ...sideInputs(node).map(id => this.#input(id)),
    ]);
    throwIfCancelled(this.#run.signal);
    const step = this.#run.report.start(node);
    try {
      const { layer, key, cached } = await this.#layerOf(node, input);
      this.#run.explainer.made(node);
      step.done({ cached, layer: { chainId: layer.chainId, size: layer.contentSize } });
      return {
        chainId: layer.chainId,
        key,
        diffIds: [...input.diffIds, layer.diffId],
        createdAt: layer.createdAt,
        cached,
      };
    } catch (error) {
      const failure = this.#run.signal.aborted ? cancelled() : stepFailure(error, node);
      step.failed(failure);
      throw failure;
    }
  }

  async #layerOf(node: Exclude<PlanNode, { kind: 'image' }>, input: Solved): Promise<MadeLayer> {
    if (node.kind === 'mkdir') return this.#mkdir(node, input);
    if (node.kind === 'copy') return this.#copy(node, input);
    return this.#exec(node, input);
  }

  /** The layer of `key`, from the cache or made by `make`. */
  async #cached(
    { key, parent, node }: CacheQuestion,
    {
      make,
      isCurrent,
      sources,
    }: {
      readonly make: () => Promise<SnapshotInfo>;
      /** Whether the key still stands for what was read. */
      readonly isCurrent?: () => Promise<boolean>;
      readonly sources?: () => Promise<readonly StepInputs[]>;
    },
  ): Promise<MadeLayer> {
    const isDisabled = this.#run.noCache || node.fresh;
    const known = isDisabled ? undefined : await this.#run.cache.findStep(key, parent?.chainId);
    const lookup = {
      key,
      parent: parent ? rootfsIdentity(parent) : '',
      outcome: known ? 'hit' : 'miss',
      below: parent && node.input,
      beside: sideInputs(node),
      isDisabled,
      ...(known && { madeAt: known.createdAt }),
      ...(sources && { sources }),
    } as const;
    this.#run.report.explain(node, await this.#run.explainer.explain(node, lookup));
    if (known) return { layer: known, key, cached: true };
    const layer = await this.#slots.use(() => {
      throwIfCancelled(this.#run.signal);
      return make();
    });
    if (!isCurrent || (await isCurrent()))
      await this.#run.cache.saveStep(key, { chainId: layer.chainId, name: node.name });
    return { layer, key, cached: false };
  }

  #mkdir(node: MkdirNode, input: Solved): Promise<MadeLayer> {
    const make = () =>
      makeLayer(this.#run, input.chainId, async workspace => {
        const rootfs = await workspace.rootfs();
        const owner = await workdirOwner(node.user, () => readAccountFiles(rootfs));
        await rootfs.makeDirectory(node.path, { mode: 0o755, ...owner });
        if (node.epochSeconds !== undefined)
          await setDirectoryTime(rootfs, { path: node.path, seconds: node.epochSeconds });
      });
    return this.#cached({ key: mkdirKey(node, input), parent: input, node }, { make });
  }

  async #copySources(node: CopyNode): Promise<CopySources> {
    const known = this.#copies.get(node.id);
    if (known) return known;
    const from = node.from.kind === 'rootfs' ? await this.#fromRootfs(node.from.node) : undefined;
    const sources = findCopySources(this.#run, { node, from });
    this.#copies.set(node.id, sources);
    return sources;
  }

  async #fromRootfs(id: RootfsInput): Promise<FromRootfs> {
    return { chainId: (await this.#input(id)).chainId };
  }

  async #copy(node: CopyNode, input: Solved): Promise<MadeLayer> {
    const sources = await this.#copySources(node);
    const key = copyKey(node, { parent: input, contents: sources.contents });
    const parent = input.chainId;
    const layer = copyLayer(this.#run, { node, sources, below: node.link ? undefined : input });
    const made = await this.#cached(
      { key, parent: node.link ? undefined : input, node },
      { ...layer, sources: async () => [await sources.inputs()] },
    );
    if (!node.link || parent === undefined) return made;
    return { ...made, layer: await this.#putOn(made.layer, parent) };
  }

  /** `--link`: the same change set on another parent. */
  async #putOn(layer: SnapshotInfo, parent: ChainId): Promise<SnapshotInfo> {
    const known = await this.#run.snapshots.get(chainIdOf(parent, layer.diffId));
    if (known) return known;
    return this.#run.snapshots.graft(layer.chainId, parent);
  }

  async #bindSources(node: ExecNode): Promise<readonly (BindSource | undefined)[]> {
    const known = this.#binds.get(node.id);
    if (known) return known;
    const sources = Promise.all(
      node.mounts.map(async mount => {
        if (mount.from.kind === 'none') return undefined;
        const from = mount.from.kind === 'rootfs' ? await this.#fromRootfs(mount.from.node) : undefined;
        return findBindSource(this.#run, { mount, from });
      }),
    );
    this.#binds.set(node.id, sources);
    return sources;
  }

  async #exec(node: ExecNode, input: Solved): Promise<MadeLayer> {
    const sources = await this.#bindSources(node);
    const key = execKey(node, { parent: input, mountDigests: sources.map(source => source?.digest ?? '') });
    const make = async () => {
      try {
        return await makeLayer(this.#run, input.chainId, workspace =>
          runInto(this.#run, workspace, { node, sources }),
        );
      } catch (error) {
        const { failedSteps, signal } = this.#run;
        if (!failedSteps || signal.aborted || !isSampanError(error, 'build-failed')) throw error;
        throw failedSteps.keep(error, { run: this.#run, node, sources, chainId: input.chainId });
      }
    };
    const isCurrent = async () =>
      (await Promise.all(sources.map(source => source?.isCurrent() ?? true))).every(Boolean);
    return this.#cached({ key, parent: input, node }, { make, isCurrent, sources: () => inputsOf(sources) });
  }
}

async function setDirectoryTime(
  rootfs: MountedRootfs,
  { path, seconds }: { readonly path: string; readonly seconds: number },
): Promise<void> {
  const { path: target, entry } = await resolveInRoot(at => rootfs.stat(at, { followLast: false }), path);
  if (entry?.type !== 'directory') return;
  const { mode, uid, gid } = entry;
  const mtimeNs = BigInt(seconds) * 1_000_000_000n;
  await rootfs.copy(undefined, [{ type: 'directory', target, mode, uid, gid, mtimeNs, existing: 'update' }]);
}

interface CacheQuestion {
  readonly key: string;
  /** What the key says that it stands on. */
  readonly parent: Solved | undefined;
  readonly node: Exclude<PlanNode, { kind: 'image' }>;
}

interface MadeLayer {
  readonly layer: SnapshotInfo;
  readonly key: string;
  readonly cached: boolean;
}

/** WORKDIR belongs to the stage's user; without one to root. */
async function workdirOwner(
  user: string,
  files: () => ReturnType<typeof readAccountFiles>,
): Promise<{ readonly uid: number; readonly gid: number }> {
  if (user === '') return { uid: 0, gid: 0 };
  return resolveOwner(user, isNumericOwner(user) ? { passwd: undefined, group: undefined } : await files());
}
