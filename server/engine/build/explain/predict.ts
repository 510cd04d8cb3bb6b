import { chainIdOf } from '../../snapshot/chain.ts';
import type { BuildRun } from '../buildContext.ts';
import { type CopySources, findCopySources } from '../copySources.ts';
import { findBindSource, inputsOf } from '../materialize.ts';
import type {
  BaseImage,
  BuildPlan,
  CopyNode,
  ExecNode,
  ImageNode,
  MkdirNode,
  NodeId,
  PlanNode,
  RootfsInput,
} from '../planTypes.ts';
import { stepFailure } from '../stepFailure.ts';
import { copyKey, execKey, mkdirKey, type RootfsIdentity } from '../stepKeys.ts';
import { rootfsIdentity, sideInputs } from './nodes.ts';
import type { Explanation, StepInputs } from './types.ts';

/** How many steps a build would make and take from the cache; `unknown` ones depend on what a step makes. */
export interface Prediction {
  readonly hits: number;
  readonly misses: number;
  readonly unknown: number;
}

interface Predicted {
  readonly explanation: Explanation;
  /** What later steps stand on; undefined when only a build can tell. */
  readonly rootfs: RootfsIdentity | undefined;
}

/**
 * Says of each step of a plan, by `explain` events, whether a build would take it from the cache and why. Files
 * of the context and of layers that are there are read for their digests; nothing is run, made or fetched.
 * `missing` are base images that a build would fetch first.
 *
 * Throws what a build would throw before it runs anything: a missing source, on its line.
 */
export async function predict(
  plan: BuildPlan,
  run: BuildRun,
  { missing }: { readonly missing: ReadonlySet<BaseImage> },
): Promise<Prediction> {
  const predictor = new Predictor(plan, run, missing);
  const counts = { hits: 0, misses: 0, unknown: 0 };
  for (const node of plan.nodes) {
    const { explanation } = await predictor.of(node.id);
    run.report.explain(node, explanation);
    if (node.kind === 'image') continue;
    counts[explanation.outcome === 'hit' ? 'hits' : explanation.outcome === 'miss' ? 'misses' : 'unknown']++;
  }
  return counts;
}

class Predictor {
  readonly #plan: BuildPlan;
  readonly #run: BuildRun;
  readonly #missing: ReadonlySet<BaseImage>;
  readonly #results = new Map<NodeId, Promise<Predicted>>();

  constructor(plan: BuildPlan, run: BuildRun, missing: ReadonlySet<BaseImage>) {
    this.#plan = plan;
    this.#run = run;
    this.#missing = missing;
  }

  of(id: NodeId): Promise<Predicted> {
    const known = this.#results.get(id);
    if (known) return known;
    const node = this.#plan.nodes[id] as PlanNode;
    const result = this.#predict(node).catch(error => {
      throw stepFailure(error, node);
    });
    this.#results.set(id, result);
    return result;
  }

  async #predict(node: PlanNode): Promise<Predicted> {
    if (node.kind === 'image') return this.#image(node);
    const below = await this.#rootfs(node.input);
    const unclear = await this.#unclearSource(node);
    if (unclear !== undefined) return this.#unknown(node, unclear);
    if (node.kind === 'mkdir') return this.#mkdir(node, below);
    return node.kind === 'exec' ? this.#exec(node, below) : this.#copy(node, below);
  }

  #image(node: ImageNode): Predicted {
    if (this.#missing.has(node.base)) return this.#unknown(node, 'the image would be fetched first');
    const { id, chainId } = node.base;
    return { explanation: this.#run.explainer.base(node, id), rootfs: { chainId, key: undefined } };
  }

  async #rootfs(id: RootfsInput): Promise<RootfsIdentity | undefined> {
    return id === undefined ? { chainId: undefined, key: undefined } : (await this.of(id)).rootfs;
  }

  /** Why the sources of a step are not known before a build. */
  async #unclearSource(node: PlanNode): Promise<string | undefined> {
    for (const id of sideInputs(node)) {
      if ((await this.of(id)).rootfs === undefined)
        return `it depends on what ${(this.#plan.nodes[id] as PlanNode).name} makes`;
    }
    if (node.kind !== 'copy') return undefined;
    // With a checksum the content of an address is known; a repository is looked at all the same.
    const fetched = node.items.find(
      item => item.kind === 'git' || (item.kind === 'url' && node.checksum === undefined),
    );
    return fetched && 'url' in fetched ? `it depends on what is at ${fetched.url}` : undefined;
  }

  #mkdir(node: MkdirNode, below: RootfsIdentity | undefined): Promise<Predicted> {
    return this.#look(node, { below, keyOn: parent => mkdirKey(node, parent) });
  }

  async #exec(node: ExecNode, below: RootfsIdentity | undefined): Promise<Predicted> {
    const sources = await Promise.all(
      node.mounts.map(async mount => {
        if (mount.from.kind === 'none') return undefined;
        const from = mount.from.kind === 'rootfs' ? await this.#rootfs(mount.from.node) : undefined;
        return findBindSource(this.#run, { mount, from });
      }),
    );
    const mountDigests = sources.map(source => source?.digest ?? '');
    return this.#look(node, {
      below,
      keyOn: parent => execKey(node, { parent, mountDigests }),
      sources: () => inputsOf(sources),
    });
  }

  async #copy(node: CopyNode, below: RootfsIdentity | undefined): Promise<Predicted> {
    const from = node.from.kind === 'rootfs' ? await this.#rootfs(node.from.node) : undefined;
    const found: CopySources = await findCopySources(this.#run, { node, from });
    try {
      const { contents } = found;
      return await this.#look(node, {
        below,
        keyOn: parent => copyKey(node, { parent, contents }),
        sources: async () => [await found.inputs()],
      });
    } finally {
      await found.close();
    }
  }

  async #look(
    node: Exclude<PlanNode, { kind: 'image' }>,
    {
      below,
      keyOn,
      sources,
    }: {
      readonly below: RootfsIdentity | undefined;
      readonly keyOn: (parent: RootfsIdentity) => string;
      readonly sources?: () => Promise<readonly StepInputs[]>;
    },
  ): Promise<Predicted> {
    const isLinked = node.kind === 'copy' && node.link;
    const parent = isLinked ? undefined : below;
    const key = parent || isLinked ? keyOn(parent ?? nowhere) : '';
    const isDisabled = this.#run.noCache || node.fresh;
    const layer = isDisabled || key === '' ? undefined : await this.#run.cache.findStep(key, parent?.chainId);
    const isOpen = key === '' && !isDisabled && (await this.#mayBeSame(node.input));
    const explanation = await this.#run.explainer.explain(node, {
      key,
      parent: parent ? rootfsIdentity(parent) : '',
      outcome: layer ? 'hit' : isOpen ? 'unknown' : 'miss',
      below: isLinked ? undefined : node.input,
      beside: sideInputs(node),
      isDisabled,
      ...(layer && { madeAt: layer.createdAt }),
      ...(sources && { sources }),
    });
    if (!layer || (isLinked && !below)) return { explanation, rootfs: undefined };
    const chainId = isLinked && below?.chainId ? chainIdOf(below.chainId, layer.diffId) : layer.chainId;
    return { explanation, rootfs: { chainId, key } };
  }

  /** A step that is made anew with the key of an earlier one can make the same layer, which later steps are cached on. */
  async #mayBeSame(id: RootfsInput): Promise<boolean> {
    if (id === undefined) return false;
    const { outcome, reasons } = (await this.of(id)).explanation;
    if (outcome !== 'miss') return true;
    return reasons.some(({ kind }) => kind === 'gone' || kind === 'disabled');
  }

  #unknown(node: PlanNode, message: string): Predicted {
    return { explanation: this.#run.explainer.unknown(node, message), rootfs: undefined };
  }
}

const nowhere: RootfsIdentity = { chainId: undefined, key: undefined };
