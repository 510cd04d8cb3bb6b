import { SampanError } from '../../common/errors.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../common/platform.ts';
import { canonicalReference, readReference, withDefaultTag } from '../../common/reference.ts';
import type { Dockerfile, Instruction, Stage } from '../../language/index.ts';
import { firstProblem, parse, processWord } from '../../language/index.ts';
import { globalArguments } from './globalArgs.ts';
import { applyInstruction, type OpContext, usedVariables } from './instructionOps.ts';
import { layoutPlaceOf } from './layoutPlace.ts';
import { dockerfileError, linesOf, locate, problemError } from './planError.ts';
import type {
  BaseImage,
  CopyNode,
  ImageNode,
  Lines,
  NeededBase,
  NodeId,
  PlanInput,
  PlanNode,
  PlanResult,
  RootfsInput,
} from './planTypes.ts';
import { StageState } from './stageState.ts';

/**
 * What has to be done to build the target of a Dockerfile: only the stages it reaches, in an order that can
 * be executed, with the image's final configuration. Pure; when base images are not known yet the answer
 * says which, and the call is made again with them.
 *
 * @throws SampanError `dockerfile-invalid` (or `unsupported`, `invalid-argument`) with `detail.line` and `detail.endLine`
 */
export function planBuild(dockerfile: Dockerfile, input: PlanInput): PlanResult {
  const problem = firstProblem(dockerfile);
  if (problem) throw problemError(dockerfile, problem);
  return new Planner(dockerfile, input).plan();
}

type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'folder'; readonly name: string }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly reference: string };

/** A stage with its FROM resolved. */
interface ResolvedStage {
  readonly stage: Stage;
  readonly base: StageBase;
  readonly platform: Platform;
  readonly lines: Lines;
}

class Planner {
  readonly #dockerfile: Dockerfile;
  readonly #input: PlanInput;
  readonly #globals: ReadonlyMap<string, string>;
  readonly #stages: ResolvedStage[] = [];
  readonly #byName = new Map<string, number>();
  readonly #nodes: PlanNode[] = [];
  readonly #states = new Map<number, StageState | undefined>();
  readonly #images = new Map<string, NodeId>();
  readonly #needs = new Map<string, NeededBase>();
  readonly #visiting = new Set<number>();

  constructor(dockerfile: Dockerfile, input: PlanInput) {
    this.#dockerfile = dockerfile;
    this.#input = input;
    this.#globals = globalArguments(dockerfile, input);
    for (const stage of dockerfile.stages) {
      this.#stages.push(locate(linesOf(stage.from.node), () => this.#resolveFrom(stage)));
      if (stage.name !== undefined) this.#byName.set(stage.name, stage.index);
    }
  }

  plan(): PlanResult {
    const target = this.#target();
    const state = this.#visit(target);
    if (this.#needs.size > 0 || !state) return { needs: [...this.#needs.values()] };
    const labels = Object.fromEntries(this.#input.labels);
    const config =
      this.#input.labels.size > 0
        ? { ...state.config, Labels: { ...state.config.Labels, ...labels } }
        : state.config;
    const { top, author, base, history, platform } = state;
    return {
      plan: {
        nodes: this.#nodes,
        image: { top, config, author, base, history, platform },
        platform: this.#input.platform,
      },
    };
  }

  #target(): number {
    const { target } = this.#input;
    if (target === undefined || target === '') return this.#stages.length - 1;
    const index = this.#byName.get(target.toLowerCase());
    if (index !== undefined) return index;
    const names = [...this.#byName.keys()];
    throw new SampanError('invalid-argument', `Target stage "${target}" could not be found.`, {
      hint:
        names.length > 0
          ? `The stages are: ${names.join(', ')}.`
          : 'No stage of this Dockerfile has a name (FROM … AS name).',
    });
  }

  #expandGlobal(text: string): string {
    return processWord(text, { env: this.#globals, escapeToken: this.#dockerfile.tree.escapeToken }).text;
  }

  #resolveFrom(stage: Stage): ResolvedStage {
    const lines = linesOf(stage.from.node);
    const written = stage.from.image.text;
    const name = this.#expandGlobal(written);
    if (name === '')
      throw dockerfileError(`base name (${written}) should not be blank`, lines, {
        hint: 'Give the variable a default with ARG before the first FROM, or pass --build-arg.',
      });
    const platform = this.#stagePlatform(stage);
    const named = this.#input.contexts?.get(name.toLowerCase());
    if (named?.kind === 'folder')
      return { stage, base: { kind: 'folder', name: name.toLowerCase() }, platform, lines };
    if (named)
      return {
        stage,
        base: { kind: 'image', reference: imageReference(named.reference, lines) },
        platform,
        lines,
      };
    // Names are kept in lower case, but FROM compares exactly (BuildKit findStateByName with the written name).
    const earlier = this.#byName.get(name);
    if (earlier !== undefined) return { stage, base: { kind: 'stage', index: earlier }, platform, lines };
    if (name === 'scratch')
      return { stage, base: { kind: 'scratch' }, platform: this.#input.platform, lines };
    return { stage, base: { kind: 'image', reference: imageReference(name, lines) }, platform, lines };
  }

  #stagePlatform(stage: Stage): Platform {
    if (!stage.from.platform) return this.#input.platform;
    const text = this.#expandGlobal(stage.from.platform.text);
    if (text === '')
      throw dockerfileError(
        `empty platform value from expression ${stage.from.platform.text}`,
        linesOf(stage.from.node),
      );
    return parsePlatform(text, this.#input.hostPlatform);
  }

  /** Plan a stage and what it reaches; undefined while a base image is unknown. */
  #visit(index: number): StageState | undefined {
    if (this.#states.has(index)) return this.#states.get(index);
    const { stage, lines } = this.#stages[index] as ResolvedStage;
    if (this.#visiting.has(index)) {
      throw dockerfileError(`circular dependency detected on stage: ${stage.name ?? index}`, lines);
    }
    this.#visiting.add(index);
    const state = this.#planStage(index);
    this.#visiting.delete(index);
    this.#states.set(index, state);
    return state;
  }

  #planStage(index: number): StageState | undefined {
    const resolved = this.#stages[index] as ResolvedStage;
    const triggers = this.#triggers(resolved);
    const instructions: readonly PlacedInstruction[] = [
      ...(triggers ?? []).map(instruction => ({ instruction, lines: resolved.lines })),
      ...resolved.stage.instructions.map(instruction => ({ instruction, lines: linesOf(instruction.node) })),
    ];
    const steps = instructions.filter(one => isStep(one.instruction)).length;
    const naming = new StepNaming(this.#label(index), steps + (resolved.base.kind === 'image' ? 1 : 0));
    const state = this.#baseState(resolved, naming);
    if (!state) {
      for (const { instruction, lines } of instructions) this.#visitReferences(instruction, lines);
      return undefined;
    }
    for (const placed of instructions) {
      const context = this.#context({ index, state, naming, placed });
      locate(placed.lines, () => applyInstruction(placed.instruction, context));
    }
    return state;
  }

  #label(index: number): string {
    const { stage } = this.#stages[index] as ResolvedStage;
    if (!this.#hasSeveralStages()) return '';
    return stage.name ?? `stage-${index}`;
  }

  /** An image named in `--from` or `from=` counts as a stage, and so does the empty one behind a cache or tmpfs mount. */
  #hasSeveralStages(): boolean {
    if (this.#stages.length > 1) return true;
    const instructions = this.#stages.flatMap(({ stage }) => stage.instructions);
    if (instructions.some(mountsEmpty)) return true;
    const references = instructions.flatMap(referencesOf);
    return references.some(from => !this.#byName.has(from.toLowerCase()) && !/^\d+$/.test(from));
  }

  #baseState({ stage, base, platform, lines }: ResolvedStage, naming: StepNaming): StageState | undefined {
    if (base.kind === 'scratch') return StageState.scratch(platform);
    if (base.kind === 'stage') return this.#visit(base.index)?.child();
    if (base.kind === 'folder') return this.#folderState(base.name, { platform, lines, stage: naming.label });
    const image = this.#base(base.reference, { platform, lines });
    if (!image) return undefined;
    const top = this.#imageNode(image, {
      reference: base.reference,
      lines,
      name: naming.next(`FROM ${base.reference}`),
      stage: naming.label,
      variables: usedVariables(stage.from.image.text, Object.fromEntries(this.#globals)),
    });
    return StageState.onImage(image, { top, platform: imagePlatform(image, platform) });
  }

  /** FROM a named context that is a folder: its files are the root file system. */
  #folderState(
    name: string,
    { platform, lines, stage }: { platform: Platform; lines: Lines; stage: string },
  ): StageState {
    const state = StageState.scratch(platform);
    state.top = this.#add(id => ({
      kind: 'copy',
      id,
      name: `[context ${name}] load files`,
      stage,
      lines,
      fresh: false,
      variables: {},
      instruction: 'COPY',
      input: undefined,
      from: { kind: 'context', name },
      items: [{ kind: 'path', source: '/' }],
      destination: '/',
      chown: undefined,
      chmod: undefined,
      link: false,
      parents: false,
      exclude: [],
      checksum: undefined,
      keepGitDir: false,
      unpack: undefined,
    }));
    state.record(`FROM ${name}`, state.top);
    return state;
  }

  #base(reference: string, { platform, lines }: { platform: Platform; lines: Lines }): BaseImage | undefined {
    const key = `${reference} ${formatPlatform(platform)}`;
    const known = this.#input.bases.get(key);
    if (!known) this.#needs.set(key, { key, reference, platform, lines });
    return known;
  }

  #imageNode(
    base: BaseImage,
    {
      reference,
      ...shown
    }: Pick<ImageNode, 'lines' | 'name' | 'stage' | 'variables'> & { reference: string },
  ): NodeId {
    const known = this.#images.get(`${base.id} ${reference}`);
    if (known !== undefined) return known;
    const id = this.#add(node => ({ kind: 'image', id: node, ...shown, fresh: false, base }));
    this.#images.set(`${base.id} ${reference}`, id);
    return id;
  }

  #add(make: (id: NodeId) => PlanNode): NodeId {
    const id = this.#nodes.length;
    // The place is taken first: making a node may plan other stages.
    const node = make(id);
    this.#nodes[id] = node;
    return id;
  }

  /** ONBUILD instructions of the base, to be run first. */
  #triggers({ base, platform, lines }: ResolvedStage): readonly Instruction[] | undefined {
    const expressions =
      base.kind === 'stage'
        ? this.#ownTriggers(base.index)
        : base.kind === 'image'
          ? this.#base(base.reference, { platform, lines })?.config.config?.OnBuild
          : [];
    return expressions?.map(expression => parseTrigger(expression, lines));
  }

  #ownTriggers(index: number): readonly string[] {
    const { stage } = this.#stages[index] as ResolvedStage;
    return stage.instructions.flatMap(one => (one.kind === 'ONBUILD' ? [one.expression] : []));
  }

  #context({
    index,
    state,
    naming,
    placed,
  }: {
    index: number;
    state: StageState;
    naming: StepNaming;
    placed: PlacedInstruction;
  }): OpContext {
    return {
      state,
      escape: this.#dockerfile.tree.escapeToken,
      buildArgs: this.#input.buildArgs,
      globals: this.#globals,
      network: this.#input.network,
      extraHosts: this.#input.extraHosts ?? [],
      allow: this.#input.allow,
      fresh: this.#isFresh(index),
      epochSeconds: this.#input.epochSeconds,
      stage: naming.label,
      stepName: text => naming.next(text),
      linesOf: () => placed.lines,
      addNode: make => this.#add(make),
      source: (from, lines) => this.#source(from, lines),
    };
  }

  #isFresh(index: number): boolean {
    const { noCacheStages } = this.#input;
    if (!noCacheStages) return false;
    return noCacheStages.has(String(index)) || noCacheStages.has(this.#stages[index]?.stage.name ?? '');
  }

  #source(from: string, lines: Lines): CopyNode['from'] {
    const name = from.toLowerCase();
    const named = this.#input.contexts?.get(name);
    if (named?.kind === 'folder') return { kind: 'context', name };
    return {
      kind: 'rootfs',
      node: named ? this.#imageRootfs(named.reference, lines) : this.#rootfs(from, lines),
    };
  }

  #rootfs(from: string, lines: Lines): RootfsInput {
    const index = this.#stageIndex(from, lines);
    if (index !== undefined) return this.#visitFrom(index, lines)?.top;
    if (from === 'scratch') return undefined;
    return this.#imageRootfs(from, lines);
  }

  #imageRootfs(image: string, lines: Lines): RootfsInput {
    const reference = imageReference(image, lines);
    const base = this.#base(reference, { platform: this.#input.platform, lines });
    if (!base) return undefined;
    return this.#imageNode(base, { reference, lines, name: `FROM ${reference}`, stage: '', variables: {} });
  }

  #stageIndex(from: string, lines: Lines): number | undefined {
    const named = this.#byName.get(from.toLowerCase());
    if (named !== undefined) return named;
    if (!/^\d+$/.test(from)) return undefined;
    if (Number(from) < this.#stages.length) return Number(from);
    throw dockerfileError(`invalid stage index ${from}`, lines, {
      hint: `This Dockerfile has the stages 0 to ${this.#stages.length - 1}.`,
    });
  }

  #visitFrom(index: number, lines: Lines): StageState | undefined {
    if (!this.#visiting.has(index)) return this.#visit(index);
    const { stage } = this.#stages[index] as ResolvedStage;
    throw dockerfileError(`circular dependency detected on stage: ${stage.name ?? index}`, lines);
  }

  /** Look for the base images behind an instruction whose stage cannot be planned yet. */
  #visitReferences(instruction: Instruction, lines: Lines): void {
    for (const from of referencesOf(instruction)) this.#source(from, lines);
  }
}

/** What `COPY --from` and `RUN --mount=from=` name. */
function referencesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'COPY') return instruction.from ? [instruction.from.text] : [];
  if (instruction.kind !== 'RUN') return [];
  return instruction.mounts.flatMap(({ fields }) => {
    const from = fields.find(field => field.key.text === 'from')?.value?.text;
    return from ? [from] : [];
  });
}

function mountsEmpty(instruction: Instruction): boolean {
  if (instruction.kind !== 'RUN') return false;
  return instruction.mounts.some(({ fields }) =>
    fields.some(field => field.key.text === 'type' && field.value?.text !== 'bind'),
  );
}

interface PlacedInstruction {
  readonly instruction: Instruction;
  /** Those of FROM for a trigger. */
  readonly lines: Lines;
}

/** Numbers the steps of one stage as BuildKit does: FROM of an image is the first, RUN, COPY, ADD and WORKDIR follow. */
class StepNaming {
  readonly label: string;
  readonly #total: number;
  #index = 0;

  constructor(label: string, total: number) {
    this.label = label;
    this.#total = total;
  }

  next(text: string): string {
    const width = String(this.#total).length;
    const number = String(++this.#index).padStart(width);
    return `[${this.label ? `${this.label} ` : ''}${number}/${this.#total}] ${text}`;
  }
}

function isStep({ kind }: Instruction): boolean {
  return kind === 'RUN' || kind === 'COPY' || kind === 'ADD' || kind === 'WORKDIR';
}

/** Canonical; the place of an OCI layout is its own name. */
function imageReference(name: string, lines: Lines): string {
  if (layoutPlaceOf(name)) return name;
  const { reference, problem } = readReference(name);
  if (reference) return canonicalReference(withDefaultTag(reference));
  throw dockerfileError(`failed to parse stage name "${name}": invalid reference format: ${problem}`, lines);
}

/** The image's own platform; what it leaves out is taken as asked for. */
function imagePlatform(image: BaseImage, asked: Platform): Platform {
  const { os, architecture, variant } = image.config;
  if (!os || !architecture) return asked;
  return variant ? { os, architecture, variant } : { os, architecture };
}

function parseTrigger(expression: string, lines: Lines): Instruction {
  const file = parse(`FROM scratch\n${expression}\n`);
  const problem = firstProblem(file);
  if (problem)
    throw dockerfileError(
      `The ONBUILD trigger "${expression}" of the base image is not valid: ${problem.message}`,
      lines,
    );
  const [instruction, ...more] = file.stages[0]?.instructions ?? [];
  if (!instruction || more.length > 0)
    throw dockerfileError('onbuild trigger should be a single expression', lines);
  if (instruction.kind === 'ONBUILD' || instruction.kind === 'MAINTAINER')
    throw dockerfileError(`${instruction.kind} isn't allowed as an ONBUILD trigger`, lines);
  return instruction;
}
