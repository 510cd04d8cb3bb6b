import type { NodeId, PlanNode } from '../planTypes.ts';
import { stepInputs, unnumbered } from './inputs.ts';
import { changedInputs, findEarlier, type TracedName } from './reasons.ts';
import type { CacheReason, Explanation, StepInputs, TracedStep } from './types.ts';

/** What a step's look into the cache gave. */
export interface Lookup {
  readonly key: string;
  /** Identity of the rootfs that is part of its key; empty for none. */
  readonly parent: string;
  readonly outcome: Explanation['outcome'];
  /** The step below, unless its key does not depend on it. */
  readonly below: NodeId | undefined;
  /** Steps that it copies from or mounts. */
  readonly beside?: readonly NodeId[];
  /** The cache was not to be asked. */
  readonly isDisabled: boolean;
  readonly madeAt?: string;
  /** What it copies or mounts, by name. Asked only when it is not as it was. */
  readonly sources?: () => Promise<readonly StepInputs[]>;
}

/**
 * Says of each step of a build why it is taken from the cache or not, by comparison with the last build of the
 * same Dockerfile, and keeps what the next build compares with.
 */
export class Explainer {
  readonly #before: readonly TracedStep[];
  readonly #names: readonly TracedName[];
  readonly #nodes: readonly PlanNode[];
  readonly #steps = new Map<NodeId, TracedStep>();
  readonly #outcomes = new Map<NodeId, Explanation['outcome']>();
  readonly #made = new Set<NodeId>();

  constructor(before: readonly TracedStep[], nodes: readonly PlanNode[]) {
    this.#before = before;
    this.#nodes = nodes;
    this.#names = tracedNames(nodes);
  }

  async explain(node: PlanNode, lookup: Lookup): Promise<Explanation> {
    const name = this.#names[node.id] as TracedName;
    const earlier = findEarlier(name, { before: this.#before, now: this.#names });
    const isSame = earlier?.key === lookup.key && earlier.name === name.name;
    const inputs = isSame ? earlier.inputs : stepInputs(node, await lookup.sources?.());
    const step = { ...name, key: lookup.key, parent: lookup.parent, inputs };
    const { outcome, madeAt } = lookup;
    this.#steps.set(node.id, step);
    this.#outcomes.set(node.id, outcome);
    if (outcome === 'hit') return { outcome, reasons: [], ...(madeAt !== undefined && { madeAt }) };
    return { outcome, reasons: this.#reasons(step, { earlier, lookup }) };
  }

  /** Its layer is there: the next build compares with it. */
  made(node: PlanNode): void {
    this.#made.add(node.id);
  }

  /** A base image, which is not made. */
  base(node: PlanNode, id: string): Explanation {
    const name = this.#names[node.id] as TracedName;
    const earlier = findEarlier(name, { before: this.#before, now: this.#names });
    const step = { ...name, key: id, parent: '', inputs: stepInputs(node) };
    const reasons = earlier ? changedInputs(earlier.inputs, step.inputs) : [];
    const outcome = reasons.length === 0 ? 'hit' : 'miss';
    this.#steps.set(node.id, step);
    this.#outcomes.set(node.id, outcome);
    this.#made.add(node.id);
    return { outcome, reasons };
  }

  /** A step of which only a build can tell. */
  unknown(node: PlanNode, message: string): Explanation {
    this.#outcomes.set(node.id, 'unknown');
    return { outcome: 'unknown', reasons: [{ kind: 'open', message }] };
  }

  /** The steps to remember, or undefined when they are those of before. A step that failed stays as it was. */
  trace(): readonly TracedStep[] | undefined {
    const stages = new Set(this.#names.map(({ stage }) => stage));
    const planned = this.#names.flatMap((name, id) => {
      if (this.#made.has(id)) return this.#steps.get(id) ?? [];
      const earlier = findEarlier(name, { before: this.#before, now: this.#names });
      return earlier ? [{ ...earlier, position: name.position }] : [];
    });
    const steps = [...planned, ...this.#before.filter(({ stage }) => !stages.has(stage))];
    const isSame =
      steps.length === this.#before.length &&
      steps.every((step, index) => isEqual(step, this.#before[index] as TracedStep));
    return isSame ? undefined : steps;
  }

  #reasons(
    step: TracedStep,
    { earlier, lookup }: { readonly earlier: TracedStep | undefined; readonly lookup: Lookup },
  ): readonly CacheReason[] {
    if (lookup.isDisabled) return [{ kind: 'disabled', message: 'the cache was not to be used' }];
    const follows = [
      ...this.#below(lookup, earlier),
      ...(lookup.beside ?? []).flatMap(id => this.#follows(id, 'it reads from')),
    ];
    const changes = earlier ? changedInputs(earlier.inputs, step.inputs) : [];
    if (follows.length + changes.length > 0) return [...follows, ...changes];
    if (earlier?.key === step.key)
      return [{ kind: 'gone', message: 'its earlier result is not in the cache any more' }];
    if (earlier) return [{ kind: 'open', message: 'it depends on something else than last time' }];
    const isFirst = this.#before.length === 0;
    return [{ kind: 'new', message: isFirst ? 'it was not built here before' : 'the instruction is new' }];
  }

  #below({ below, parent }: Lookup, earlier: TracedStep | undefined): readonly CacheReason[] {
    if (below === undefined) return [];
    const made = this.#follows(below, 'it follows');
    if (made.length > 0 || earlier === undefined || earlier.parent === parent) return made;
    const step = (this.#nodes[below] as PlanNode).name;
    return [{ kind: 'follows', step, message: `it follows ${step}, which is another than last time` }];
  }

  #follows(id: NodeId, how: string): readonly CacheReason[] {
    const outcome = this.#outcomes.get(id) ?? 'hit';
    if (outcome === 'hit') return [];
    const node = this.#nodes[id] as PlanNode;
    const step = this.#steps.get(id);
    if (node.kind === 'image') {
      if (!step) return [{ kind: 'follows', step: node.name, message: `${how} an image that is not here` }];
      const earlier = findEarlier(step, { before: this.#before, now: this.#names });
      return earlier ? changedInputs(earlier.inputs, step.inputs) : [];
    }
    const what = outcome === 'miss' ? 'made anew' : 'perhaps made anew';
    return [{ kind: 'follows', step: node.name, message: `${how} ${node.name}, which is ${what}` }];
  }
}

function isEqual(a: TracedStep, b: TracedStep): boolean {
  return a.key === b.key && a.name === b.name && a.stage === b.stage && a.position === b.position;
}

function tracedNames(nodes: readonly PlanNode[]): readonly TracedName[] {
  const counts = new Map<string, number>();
  return nodes.map(({ stage, name }) => {
    const position = counts.get(stage) ?? 0;
    counts.set(stage, position + 1);
    return { stage, position, name: unnumbered(name) };
  });
}
